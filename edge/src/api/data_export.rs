//! Everything that is kept of a workspace, as one file: what its lists and pages answer, to their end.

pub(super) mod file;

use file::{PATIENCE, Piece, Pieces};

use super::{
    api_keys, audit, billing, domains, executions, export_schedules, guardrails, invitations, logs, members,
    page::Page,
    prices, providers, roles, routing, sso,
    teams::{self, body::TeamBody},
    webhooks, workspaces,
};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
    scim,
};
use axum::{extract::State, response::Response};
use proto::{Call, Failure, Permission, Reason, workspace::ListExecutionsRequest};
use serde::Serialize;
use tokio::time::Instant;

/// Items of a page.
const PAGE: i32 = 200;
/// Executions of a page: each comes with its report.
const EXECUTIONS: i32 = 20;
/// Teams of a page: each comes with its members.
const TEAMS: i32 = 10;

/// What there is of a workspace, in the order of the file.
#[derive(Clone, Copy)]
enum Kind {
    Workspace,
    Role,
    Member,
    DirectoryUser,
    Invitation,
    Team,
    Domain,
    Sso,
    Provider,
    ApiKey,
    Routing,
    Guardrails,
    Prices,
    ExportSchedule,
    Webhook,
    Subscription,
    BillingDetails,
    Credits,
    Invoice,
    Execution,
    AuditEvent,
    RequestLog,
}

const ALL: [Kind; 22] = [
    Kind::Workspace,
    Kind::Role,
    Kind::Member,
    Kind::DirectoryUser,
    Kind::Invitation,
    Kind::Team,
    Kind::Domain,
    Kind::Sso,
    Kind::Provider,
    Kind::ApiKey,
    Kind::Routing,
    Kind::Guardrails,
    Kind::Prices,
    Kind::ExportSchedule,
    Kind::Webhook,
    Kind::Subscription,
    Kind::BillingDetails,
    Kind::Credits,
    Kind::Invoice,
    Kind::Execution,
    Kind::AuditEvent,
    Kind::RequestLog,
];

/// A team, and who is in it.
#[derive(Serialize)]
struct TeamLine {
    #[serde(flatten)]
    team: TeamBody,
    member_ids: Vec<String>,
}

/// How far it has come.
struct Export {
    app: Shared,
    call: Call,
    /// What is next, of [`ALL`].
    at: usize,
    cursor: Option<String>,
}

/// Download everything that is kept of a workspace (LGPD art. 18, GDPR art. 20).
///
/// JSON lines, each `{"kind": …, "data": …}`, where `data` is what the page or list of that kind answers: the workspace, its roles, members,
/// whom its directory has (as SCIM shows them), invitations, teams, domains, single sign-on, providers, API keys, routing, guardrails, prices,
/// schedules, webhooks, subscription, billing details, credits, invoices,
/// executions with their reports, audit trail and request logs. Secrets are in none of them. The last line is
/// `{"kind":"end","data":{"lines":…}}`: a file without it was cut off. Kept answers
/// are asked for by their ids (`GET /v1/responses/{id}`), and what was used of resources, and beyond the days that logs are kept, is in
/// `GET …/usage/resources` and `POST …/exports`. For owners; also of a workspace that was deleted, until it is gone.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/data-export", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The file", content((String = "application/jsonl")),
        headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file")))))]
pub(crate) async fn export_workspace(State(app): State<Shared>, Caller(call): Caller) -> Result<Response> {
    if !call.scopes.contains(Permission::WorkspaceOwn) {
        let refused = call.denied(Permission::WorkspaceOwn);
        let why = "only owners of a workspace take all of its data along";
        let is_plain = refused.reason == Reason::PermissionDenied;
        return Err(if is_plain { Failure { message: why.to_owned(), ..refused } } else { refused }.into());
    }
    let name = call.workspace()?.to_string();
    Ok(file::attachment(&name, Export { app, call, at: 0, cursor: None }))
}

impl Pieces for Export {
    const OF: &'static str = "a workspace";

    async fn next(&mut self) -> Result<Option<Piece>> {
        let Some(&kind) = ALL.get(self.at) else { return Ok(None) };
        let piece = Box::pin(self.piece(kind)).await?;
        self.at += usize::from(piece.next.is_none());
        self.cursor.clone_from(&piece.next);
        Ok(Some(piece))
    }
}

impl Export {
    async fn piece(&self, kind: Kind) -> Result<Piece> {
        let app = || State(self.app.clone());
        let caller = || Caller(Call { deadline: None, ..self.call.clone() }.until(Instant::now() + PATIENCE));
        let paging = || Paging { limit: Some(PAGE), cursor: self.cursor.clone() };
        match kind {
            Kind::Workspace => one("workspace", workspaces::get_workspace(app(), caller()).await),
            Kind::Role => some("role", roles::list_roles(app(), caller()).await),
            Kind::Member => some("member", members::list_members(app(), caller(), Query(paging())).await),
            Kind::DirectoryUser => self.directory(&caller().0).await,
            Kind::Invitation => {
                some("invitation", invitations::list_invitations(app(), caller(), Query(paging())).await)
            }
            Kind::Team => self.teams(&caller().0).await,
            Kind::Domain => {
                let mut piece = Piece::default();
                for domain in &domains::list_domains(app(), caller()).await?.0.data {
                    piece.line("domain", domain)?;
                }
                Ok(piece)
            }
            Kind::Sso => match sso::get_sso(app(), caller()).await {
                Err(error) if error.failure().reason == Reason::NotFound => Ok(Piece::default()),
                found => one("sso", found),
            },
            Kind::Provider => some("provider", providers::list_providers(app(), caller(), Query(paging())).await),
            Kind::ApiKey => {
                some("api_key", api_keys::list_api_keys(app(), caller(), Query(api_keys::Which::all(paging()))).await)
            }
            Kind::Routing => one("routing", routing::get_routing(app(), caller()).await),
            Kind::Guardrails => one("guardrails", guardrails::get_guardrails(app(), caller()).await),
            Kind::Prices => one("prices", prices::get_prices(app(), caller()).await),
            Kind::ExportSchedule => {
                some("export_schedule", export_schedules::list_export_schedules(app(), caller(), Query(paging())).await)
            }
            Kind::Webhook => some("webhook", webhooks::list_webhooks(app(), caller(), Query(paging())).await),
            Kind::Subscription => one("subscription", billing::get_subscription(app(), caller()).await),
            Kind::BillingDetails => {
                one("billing_details", billing::details::get_billing_details(app(), caller()).await)
            }
            Kind::Credits => one("credits", billing::credits::get_credits(app(), caller()).await),
            Kind::Invoice => some("invoice", billing::invoices::list_invoices(app(), caller(), Query(paging())).await),
            Kind::Execution => self.executions(&caller().0).await,
            Kind::AuditEvent => some(
                "audit_event",
                audit::list_audit_events(app(), caller(), Query(audit::Filter::all(paging()))).await,
            ),
            Kind::RequestLog => {
                some("request_log", logs::list_logs(app(), caller(), Query(logs::Filter::all(paging()))).await)
            }
        }
    }

    /// Each with all who are in it.
    async fn teams(&self, call: &Call) -> Result<Piece> {
        let (app, caller) = (|| State(self.app.clone()), || Caller(call.clone()));
        let which = teams::Which::all(Paging { limit: Some(TEAMS), cursor: self.cursor.clone() });
        let Json(Page { data, next_cursor }) = teams::list_teams(app(), caller(), Query(which)).await?;
        let mut piece = Piece::before(next_cursor);
        for team in data {
            let Ok(id) = team.id.parse() else { continue };
            let (mut member_ids, mut cursor) = (vec![], None);
            loop {
                let paging = Query(Paging { limit: Some(PAGE), cursor });
                let listed = teams::members::list_team_members(app(), caller(), Target(id), paging).await;
                let Page { data, next_cursor } = match listed {
                    Ok(Json(page)) => page,
                    // It was deleted since.
                    Err(error) if error.failure().reason == Reason::NotFound => break,
                    Err(error) => return Err(error),
                };
                member_ids.extend(data.into_iter().map(|member| member.user_id));
                cursor = next_cursor;
                if cursor.is_none() {
                    break;
                }
            }
            piece.line("team", &TeamLine { team, member_ids })?;
        }
        Ok(piece)
    }

    async fn directory(&self, call: &Call) -> Result<Piece> {
        let offset = self.cursor.as_ref().and_then(|text| text.parse().ok()).unwrap_or_default();
        let (users, next) = scim::users::page(&self.app, call, offset).await?;
        let mut piece = Piece::before(next.map(|offset| offset.to_string()));
        for user in &users {
            piece.line("directory_user", user)?;
        }
        Ok(piece)
    }

    async fn executions(&self, call: &Call) -> Result<Piece> {
        let request = ListExecutionsRequest {
            page_size: EXECUTIONS,
            page_token: self.cursor.clone().unwrap_or_default(),
            ..ListExecutionsRequest::default()
        };
        let listed = self.app.services.workspaces.list_executions(call, request).await?;
        let mut piece = Piece::before(super::page::some(listed.next_page_token));
        for owned in listed.executions {
            let Ok(id) = owned.execution_id.parse() else { continue };
            match executions::get_execution(State(self.app.clone()), Caller(call.clone()), Target(id)).await {
                Ok(Json(shown)) => piece.line("execution", &shown)?,
                // It was deleted since.
                Err(error) if error.failure().reason == Reason::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(piece)
    }
}

fn one<T: Serialize>(kind: &str, answer: Result<Json<T>>) -> Result<Piece> {
    let mut piece = Piece::default();
    piece.line(kind, &answer?.0)?;
    Ok(piece)
}

fn some<T: Serialize>(kind: &str, answer: Result<Json<Page<T>>>) -> Result<Piece> {
    let Page { data, next_cursor } = answer?.0;
    let mut piece = Piece::before(next_cursor);
    for item in &data {
        piece.line(kind, item)?;
    }
    Ok(piece)
}
