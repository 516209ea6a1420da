//! Who is in a team.

use super::body::{TeamMemberBody, TeamMembers, TeamMembersChanged};
use crate::{
    api::page::Page,
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::{Target, Targets},
    query::{Paging, Query},
};
use axum::extract::State;
use http::StatusCode;
use proto::{
    id::{TeamId, UserId},
    workspace::{AddTeamMemberRequest, ListTeamMembersRequest, RemoveTeamMemberRequest, ReplaceTeamMembersRequest},
};

/// List who is in a team.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/teams/{team_id}/members", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<TeamMemberBody>)))]
pub(crate) async fn list_team_members(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TeamMemberBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListTeamMembersRequest { team_id: id.to_string(), page_size, page_token };
    let listed = app.services.workspaces.list_team_members(&call, request).await?;
    Page::new(listed.members, listed.next_page_token, TeamMemberBody::try_from).map(Json)
}

/// Say who is in a team, as a whole or not at all. Keys of the team whose people are out of it end within a second.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/teams/{team_id}/members", tag = "Teams", request_body = TeamMembers,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`")),
    responses((status = 200, description = "Who came and went", body = TeamMembersChanged)))]
pub(crate) async fn replace_team_members(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Json(body): Json<TeamMembers>,
) -> Result<Json<TeamMembersChanged>> {
    let request = ReplaceTeamMembersRequest { team_id: id.to_string(), user_ids: body.user_ids };
    let changed = app.services.workspaces.replace_team_members(&call, request).await?;
    Ok(Json(TeamMembersChanged { added: changed.added, removed: changed.removed }))
}

/// Take a member of the workspace into a team. Repeating it changes nothing.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/teams/{team_id}/members/{user_id}", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`"), ("user_id" = String, Path, description = "`usr_…`")),
    responses((status = 200, description = "They are in it", body = TeamMemberBody)))]
pub(crate) async fn add_team_member(
    State(app): State<Shared>,
    Caller(call): Caller,
    Targets(team, user): Targets<TeamId, UserId>,
) -> Result<Json<TeamMemberBody>> {
    let request = AddTeamMemberRequest { team_id: team.to_string(), user_id: user.to_string() };
    let added = app.services.workspaces.add_team_member(&call, request).await?;
    added.member.ok_or_else(|| Error::incomplete("the member"))?.try_into().map(Json)
}

/// Take somebody out of a team. Within a second the keys of the team that they made work nowhere; in the workspace they stay.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/teams/{team_id}/members/{user_id}", tag = "Teams",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("team_id" = String, Path, description = "`team_…`"), ("user_id" = String, Path, description = "`usr_…`")),
    responses((status = 204, description = "They are not in it any more")))]
pub(crate) async fn remove_team_member(
    State(app): State<Shared>,
    Caller(call): Caller,
    Targets(team, user): Targets<TeamId, UserId>,
) -> Result<StatusCode> {
    let request = RemoveTeamMemberRequest { team_id: team.to_string(), user_id: user.to_string() };
    app.services.workspaces.remove_team_member(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
