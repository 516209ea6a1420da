//! Everything that is kept of a workspace, as one file: what its lists and pages answer, to their end.

use super::{
    api_keys, audit, billing, executions, export_schedules, guardrails, invitations, logs, members, page::Page, prices,
    providers, routing, webhooks, workspaces,
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
use axum::{body::Body, extract::State, response::Response};
use bytes::Bytes;
use futures::{Stream, stream};
use http::{
    HeaderValue,
    header::{CONTENT_DISPOSITION, CONTENT_TYPE},
};
use proto::{Call, Failure, Permission, Reason, workspace::ListExecutionsRequest};
use serde::Serialize;
use std::{io, time::Duration};
use tokio::time::Instant;

/// Items of a page.
const PAGE: i32 = 200;
/// Executions of a page: each comes with its report.
const EXECUTIONS: i32 = 20;
/// For how long one page may take. The whole may take longer than a request has.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// What there is of a workspace, in the order of the file.
#[derive(Clone, Copy)]
enum Kind {
    Workspace,
    Member,
    DirectoryUser,
    Invitation,
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

const ALL: [Kind; 18] = [
    Kind::Workspace,
    Kind::Member,
    Kind::DirectoryUser,
    Kind::Invitation,
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

/// A line of the file.
#[derive(Serialize)]
struct Line<'a, T> {
    kind: &'a str,
    data: &'a T,
}

/// How far it has come.
struct Export {
    app: Shared,
    call: Call,
    /// What is next, of [`ALL`]; behind them comes the last line.
    at: usize,
    cursor: Option<String>,
    lines: u64,
}

/// Some lines, and where the rest of their kind begins.
#[derive(Default)]
pub(super) struct Piece {
    pub(super) bytes: Vec<u8>,
    pub(super) lines: u64,
    next: Option<String>,
}

/// Download everything that is kept of a workspace (LGPD art. 18, GDPR art. 20).
///
/// JSON lines, each `{"kind": …, "data": …}`, where `data` is what the page or list of that kind answers: the workspace, its members,
/// whom its directory has (as SCIM shows them), invitations, providers, API keys, routing, guardrails, prices, schedules, webhooks, subscription, billing details, credits, invoices,
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
    let export = Export { app, call, at: 0, cursor: None, lines: 0 };
    Ok(attachment(&name, Body::from_stream(export.file())))
}

/// A file of JSON lines.
pub(super) fn attachment(name: &str, body: Body) -> Response {
    let name = format!("attachment; filename=\"{name}.jsonl\"");
    let mut response = Response::new(body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/jsonl"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        response.headers_mut().insert(CONTENT_DISPOSITION, name);
    }
    response
}

impl Export {
    /// Ends only after the last line: what is cut off must not look like a whole file.
    fn file(self) -> impl Stream<Item = io::Result<Bytes>> {
        stream::unfold(Some(self), async |export| {
            let mut export = export?;
            if export.at > ALL.len() {
                return None;
            }
            Some(match export.advance().await {
                Ok(piece) => (Ok(piece), Some(export)),
                Err(error) => {
                    let source = error.failure().message.as_str();
                    tracing::warn!(source, "the data of a workspace ended with an error");
                    (Err(io::Error::other(source.to_owned())), None)
                }
            })
        })
    }

    async fn advance(&mut self) -> Result<Bytes> {
        let Some(&kind) = ALL.get(self.at) else {
            self.at += 1;
            return Ok(format!("{{\"kind\":\"end\",\"data\":{{\"lines\":{}}}}}\n", self.lines).into());
        };
        let piece = Box::pin(self.piece(kind)).await?;
        self.lines += piece.lines;
        self.at += usize::from(piece.next.is_none());
        self.cursor = piece.next;
        Ok(piece.bytes.into())
    }

    async fn piece(&self, kind: Kind) -> Result<Piece> {
        let app = || State(self.app.clone());
        let caller = || Caller(Call { deadline: None, ..self.call.clone() }.until(Instant::now() + PATIENCE));
        let paging = || Paging { limit: Some(PAGE), cursor: self.cursor.clone() };
        match kind {
            Kind::Workspace => one("workspace", workspaces::get_workspace(app(), caller()).await),
            Kind::Member => some("member", members::list_members(app(), caller(), Query(paging())).await),
            Kind::DirectoryUser => self.directory(&caller().0).await,
            Kind::Invitation => {
                some("invitation", invitations::list_invitations(app(), caller(), Query(paging())).await)
            }
            Kind::Provider => some("provider", providers::list_providers(app(), caller(), Query(paging())).await),
            Kind::ApiKey => some("api_key", api_keys::list_api_keys(app(), caller(), Query(paging())).await),
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

    async fn directory(&self, call: &Call) -> Result<Piece> {
        let offset = self.cursor.as_ref().and_then(|text| text.parse().ok()).unwrap_or_default();
        let (users, next) = scim::users::page(&self.app, call, offset).await?;
        let mut piece = Piece { next: next.map(|offset| offset.to_string()), ..Piece::default() };
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
        let mut piece = Piece { next: super::page::some(listed.next_page_token), ..Piece::default() };
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
    let mut piece = Piece { next: next_cursor, ..Piece::default() };
    for item in &data {
        piece.line(kind, item)?;
    }
    Ok(piece)
}

impl Piece {
    pub(super) fn line<T: Serialize>(&mut self, kind: &str, data: &T) -> Result<()> {
        let written = serde_json::to_writer(&mut self.bytes, &Line { kind, data });
        written.map_err(|error| Reason::Internal.with(error.to_string()))?;
        self.bytes.push(b'\n');
        self.lines += 1;
        Ok(())
    }
}
