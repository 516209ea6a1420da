//! Everything that is kept of the calling person, as one file.

use super::{
    super::data_export::file::{self, PATIENCE, Piece, Pieces},
    consents, get_me,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use host::door::Who;
use proto::{
    Call, Failure, Reason,
    id::WorkspaceId,
    identity::{self, ExportMeRequest, GetMeRequest},
    workspace::{Act, ListActsRequest, ListTeamsRequest, Team},
};
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::time::Instant;

/// Acts of a page.
const PAGE: i32 = 200;

/// What comes next.
enum Step {
    /// The account with its memberships, those in teams, and what was agreed to.
    Account,
    /// Sessions, linked accounts, keys and letters.
    Records,
    /// What the person has done, from this page on.
    Acts(String),
}

/// A team in which the person is.
#[derive(Serialize)]
struct TeamBody {
    workspace_id: String,
    id: String,
    name: String,
}

/// Something that the person has done.
#[derive(Serialize)]
struct ActBody {
    id: String,
    workspace_id: String,
    at: DateTime<Utc>,
    action: String,
    subject: String,
    /// The operator who acted for the person. Left out: they themselves did.
    #[serde(skip_serializing_if = "String::is_empty")]
    impersonator: String,
}

struct Export {
    app: Shared,
    call: Call,
    /// None: that was all.
    step: Option<Step>,
}

/// Download everything that is kept of oneself (LGPD art. 18, GDPR art. 15 and 20). Not for API keys.
///
/// JSON lines, each `{"kind": …, "data": …}`: `account` (with the workspaces), `team` (those in which one is), `consents`, `session` (with device and address, also those
/// that have ended), `linked_identity`, `passkey`, `impersonation` (operators who acted for oneself), `api_key`, `letter` (those that wait or left lately), and `act`: what the person has done, as the
/// trails of all workspaces keep it. Secrets are in none of them. The last line is `{"kind":"end","data":{"lines":…}}`: a file without
/// it was cut off. What belongs to a workspace is in `GET /workspaces/{workspace_id}/data-export`. Operators who act for somebody do
/// not get it: it tells of all workspaces.
#[utoipa::path(get, path = "/me/data-export", tag = "Account",
    responses((status = 200, description = "The file", content((String = "application/jsonl")),
        headers(("Content-Disposition" = String, description = "`attachment`, and the name of the file")))))]
pub(crate) async fn export_me(State(app): State<Shared>, Caller(call): Caller) -> Result<Response> {
    let (user, _) = call.user().map_err(|status| proto::Failure::from(&status))?;
    // A file that has begun cannot be refused any more.
    identity::EXPORT_ME.check_impersonation(&call)?;
    let export = Export { app, call, step: Some(Step::Account) };
    Ok(file::attachment(&user.to_string(), export))
}

impl Pieces for Export {
    const OF: &'static str = "a person";

    async fn next(&mut self) -> Result<Option<Piece>> {
        let Some(step) = self.step.take() else { return Ok(None) };
        Box::pin(self.piece(step)).await.map(Some)
    }
}

impl Export {
    async fn piece(&mut self, step: Step) -> Result<Piece> {
        let mut piece = Piece::default();
        self.step = match step {
            Step::Account => {
                self.account(&mut piece).await?;
                Some(Step::Records)
            }
            Step::Records => {
                self.records(&mut piece).await?;
                Some(Step::Acts(String::new()))
            }
            Step::Acts(page_token) => {
                let next = self.acts(&mut piece, page_token).await?;
                (!next.is_empty()).then_some(Step::Acts(next))
            }
        };
        Ok(piece)
    }

    fn call(&self) -> Call {
        Call { deadline: None, ..self.call.clone() }.until(Instant::now() + PATIENCE)
    }

    async fn account(&self, piece: &mut Piece) -> Result<()> {
        let parts = || (State(self.app.clone()), Caller(self.call()));
        let (app, caller) = parts();
        piece.line("account", &get_me(app, caller).await?.0)?;
        self.teams(piece).await?;
        let (app, caller) = parts();
        piece.line("consents", &consents::list_consents(app, caller).await?.0)
    }

    async fn teams(&self, piece: &mut Piece) -> Result<()> {
        let (id, session) = self.call.user().map_err(|status| Failure::from(&status))?;
        let who = Who::User { id, session, workspace: None, platform: None, impersonation: None };
        let services = &self.app.services;
        for of in services.identity.get_me(&self.call(), GetMeRequest {}).await?.workspaces {
            let Ok(workspace) = of.workspace_id.parse() else { continue };
            match self.teams_of(&who, workspace).await {
                Ok(teams) => {
                    for team in teams {
                        piece.line("team", &team)?;
                    }
                }
                // They have left it since, or may not see who is in it.
                Err(error) if matches!(error.failure().reason, Reason::NotFound | Reason::PermissionDenied) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// One page has all that a workspace can have.
    async fn teams_of(&self, who: &Who, workspace: WorkspaceId) -> Result<Vec<TeamBody>> {
        let services = &self.app.services;
        let call =
            services.door.call(who, Some(workspace), self.call()).await.map_err(|status| Failure::from(&status))?;
        let user_id = call.actor();
        let request = ListTeamsRequest { page_size: 200, user_id, ..ListTeamsRequest::default() };
        let found = services.workspaces.list_teams(&call, request).await?;
        let team = |team: Team| TeamBody { workspace_id: workspace.to_string(), id: team.id, name: team.name };
        Ok(found.teams.into_iter().map(team).collect())
    }

    async fn records(&self, piece: &mut Piece) -> Result<()> {
        let found = self.app.services.identity.export_me(&self.call(), ExportMeRequest {}).await?;
        for record in found.records {
            let data = RawValue::from_string(record.data_json);
            let data = data.map_err(|error| Reason::Internal.with(error.to_string()))?;
            piece.line(&record.kind, &data)?;
        }
        Ok(())
    }

    /// Where the next page begins.
    async fn acts(&self, piece: &mut Piece, page_token: String) -> Result<String> {
        let request = ListActsRequest { page_size: PAGE, page_token };
        let found = self.app.services.workspaces.list_acts(&self.call(), request).await?;
        for act in found.acts {
            piece.line("act", &ActBody::try_from(act)?)?;
        }
        Ok(found.next_page_token)
    }
}

impl TryFrom<Act> for ActBody {
    type Error = crate::error::Error;

    fn try_from(act: Act) -> Result<Self> {
        Ok(Self {
            id: act.id,
            workspace_id: act.workspace_id,
            at: super::super::time::always(act.at)?,
            action: act.action,
            subject: act.subject,
            impersonator: act.impersonator,
        })
    }
}
