//! Teams of a workspace.

pub(super) mod body;
pub(super) mod members;

use super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use body::{DeletedTeam, NewTeam, TeamBody, TeamChange};
use http::{StatusCode, header};
use proto::{
    id::TeamId,
    identity::CountTeamKeysRequest,
    workspace::{DeleteTeamRequest, GetTeamRequest, ListTeamsRequest},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which teams to list. Filters are combined.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The one that a directory calls so.
    external_id: Option<String>,
    /// The one with this name; capital letters make no difference.
    name: Option<String>,
    /// Those in which this person is: `usr_…`.
    user_id: Option<String>,
}

impl Which {
    /// A page of all.
    pub(super) fn all(Paging { limit, cursor }: Paging) -> Self {
        Self { limit, cursor, ..Self::default() }
    }
}

/// List the teams of a workspace, newest first.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/teams", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Which),
    responses((status = 200, description = "A page of them", body = Page<TeamBody>)))]
pub(crate) async fn list_teams(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(which): Query<Which>,
) -> Result<Json<Page<TeamBody>>> {
    let request = ListTeamsRequest {
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        external_id: which.external_id.unwrap_or_default(),
        name: which.name.unwrap_or_default(),
        user_id: which.user_id.unwrap_or_default(),
    };
    let listed = app.services.workspaces.list_teams(&call, request).await?;
    Page::new(listed.teams, listed.next_page_token, TeamBody::try_from).map(Json)
}

/// Make a team, of nobody yet. A workspace has at most 200.
///
/// What the API keys of a team use counts in its limits as well as in those of the workspace, of each member and of each key.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/teams", tag = "Teams", request_body = NewTeam,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The team", body = TeamBody,
        headers(("Location" = String, description = "The team"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "The name or `external_id` is taken, or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_team(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewTeam>,
) -> Result<impl IntoResponse> {
    let answer = app.services.workspaces.create_team(&call, body.into_request()).await?;
    let replayed = repeat::header(answer.replayed);
    let made = TeamBody::new(answer.team)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/teams/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], replayed, Json(made)))
}

/// Get a team.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/teams/{team_id}", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`")),
    responses((status = 200, description = "The team", body = TeamBody)))]
pub(crate) async fn get_team(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
) -> Result<Json<TeamBody>> {
    let found = app.services.workspaces.get_team(&call, GetTeamRequest { team_id: id.to_string() }).await?;
    TeamBody::new(found.team).map(Json)
}

/// Change a team. Fields that are left out stay. Within a second its limits hold everywhere.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/teams/{team_id}", tag = "Teams", request_body = TeamChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`")),
    responses((status = 200, description = "The team as it is now", body = TeamBody),
        (status = 409, description = "The name or `external_id` is taken")))]
pub(crate) async fn update_team(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Json(body): Json<TeamChange>,
) -> Result<Json<TeamBody>> {
    let changed = app.services.workspaces.update_team(&call, body.of(id)).await?;
    TeamBody::new(changed.team).map(Json)
}

/// Remove a team. Within a second its API keys work nowhere, those of service accounts too. Who was in it stays a member of the
/// workspace.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/teams/{team_id}", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`")),
    responses((status = 200, description = "It is gone", body = DeletedTeam)))]
pub(crate) async fn delete_team(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
) -> Result<Json<DeletedTeam>> {
    let team_id = id.to_string();
    // Before: afterwards identity ends them when it hears of it, which may be sooner than we ask.
    let keys = app.services.identity.count_team_keys(&call, CountTeamKeysRequest { team_id: team_id.clone() }).await?;
    app.services.workspaces.delete_team(&call, DeleteTeamRequest { team_id }).await?;
    Ok(Json(DeletedTeam { revoked_api_keys: keys.active }))
}
