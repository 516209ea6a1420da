//! `/scim/v2/Groups`: the teams of the workspace.

use super::{
    answer,
    body::Document,
    caller,
    group::{self, Members, Said},
    listing::{Asked, Listing, Page, Shown},
    patch, schema,
    select::Select,
    shape::GROUP,
    version,
};
use crate::{
    app::{App, Shared},
    auth::Caller,
    error::{Error, Result},
    path::Target,
    query::Query,
};
use axum::{extract::State, response::Response};
use http::{HeaderMap, StatusCode};
use proto::{
    Call, Failure, Permission, Principal, Reason,
    id::TeamId,
    workspace::{
        AddTeamMemberRequest, CreateTeamRequest, DeleteTeamRequest, GetTeamRequest, ListTeamsRequest,
        RemoveTeamMemberRequest, ReplaceTeamMembersRequest, Team, UpdateTeamRequest,
    },
};
use scim_v2::schema_urns;
use serde_json::Value;
use std::collections::BTreeSet;
use tonic::Status;

/// So many people come or go one by one, so that two changes at once are both done; more of them at once.
const FEW: usize = 50;
const PAGE: i32 = 200;

/// List the groups: all teams of the workspace.
///
/// As members those are shown whom the directory has. Leave them out with `excludedAttributes=members`.
#[utoipa::path(get, path = "/scim/v2/Groups", tag = "Directory", params(Asked),
    responses((status = 200, description = "A page of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn list_scim_groups(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(asked): Query<Asked>,
) -> Result<Response> {
    listed(&app, &call, asked.read()?).await
}

/// List the groups, asked in a body.
#[utoipa::path(post, path = "/scim/v2/Groups/.search", tag = "Directory",
    request_body(content = schema::Search, content_type = "application/scim+json"),
    responses((status = 200, description = "A page of them", body = schema::List, content_type = "application/scim+json")))]
pub(super) async fn search_scim_groups(
    State(app): State<Shared>,
    Caller(call): Caller,
    document: Document,
) -> Result<Response> {
    listed(&app, &call, Asked::of(&document)?.read()?).await
}

/// Make a group: a team of people whom the directory has.
#[utoipa::path(post, path = "/scim/v2/Groups", tag = "Directory",
    request_body(content = schema::Group, content_type = "application/scim+json"), params(Shown),
    responses((status = 201, description = "The group", body = schema::Group, content_type = "application/scim+json"),
        (status = 409, description = "A team is called so already")))]
pub(super) async fn create_scim_group(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(shown): Query<Shown>,
    document: Document,
) -> Result<Response> {
    let select = shown.read()?;
    document.is_of(GROUP.urn)?;
    let said = group::read(&document.0)?;
    is_key(&call)?;
    let members = said.members.unwrap_or_default();
    group::must_be_known(&app, &call, &members).await?;
    let workspaces = &app.services.workspaces;
    let request = CreateTeamRequest { name: said.name, external_id: said.external_id, ..CreateTeamRequest::default() };
    let team = some(workspaces.create_team(&call, request).await.map_err(taken)?.team)?;
    if !members.is_empty() {
        let request = ReplaceTeamMembersRequest { team_id: team.id.clone(), user_ids: members.into_iter().collect() };
        if let Err(status) = workspaces.replace_team_members(&call, request).await {
            // Nobody was told of it.
            workspaces.delete_team(&call, DeleteTeamRequest { team_id: team.id }).await?;
            return Err(stranger(status));
        }
    }
    whole(&app, &call, &team.id, (StatusCode::CREATED, &select)).await
}

/// Get a group.
#[utoipa::path(get, path = "/scim/v2/Groups/{team_id}", tag = "Directory",
    params(("team_id" = String, Path, description = "`team_…`"), Shown),
    responses((status = 200, description = "The group", body = schema::Group, content_type = "application/scim+json"),
        (status = 304, description = "`If-None-Match` names this version")))]
pub(super) async fn get_scim_group(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
) -> Result<Response> {
    let select = shown.read()?;
    let team = get(&app, &call, &id.to_string()).await?;
    let version = group::version_of(&team)?;
    if version::is_known(&headers, version) {
        return Ok(answer::not_modified(version));
    }
    let members = asked_for(&app, &call, &team, select.shows("members")).await?;
    let resource = group::show(&app, &team, members.as_ref())?;
    Ok(answer::resource(StatusCode::OK, &resource, &select.of(&resource)))
}

/// Say all of a group anew. Members whom the directory does not have stay.
#[utoipa::path(put, path = "/scim/v2/Groups/{team_id}", tag = "Directory",
    request_body(content = schema::Group, content_type = "application/scim+json"),
    params(("team_id" = String, Path, description = "`team_…`"), Shown),
    responses((status = 200, description = "The group as it is now", body = schema::Group, content_type = "application/scim+json"),
        (status = 409, description = "A team is called so already"),
        (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn replace_scim_group(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    document: Document,
) -> Result<Response> {
    document.is_of(GROUP.urn)?;
    change(&app, (&call, id), (&headers, shown), |_| group::read(&document.0)).await
}

/// Change something of a group, for instance who is in it.
#[utoipa::path(patch, path = "/scim/v2/Groups/{team_id}", tag = "Directory",
    request_body(content = schema::Patch, content_type = "application/scim+json"),
    params(("team_id" = String, Path, description = "`team_…`"), Shown),
    responses((status = 200, description = "The group as it is now", body = schema::Group, content_type = "application/scim+json"),
        (status = 409, description = "A team is called so already"),
        (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn change_scim_group(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    Query(shown): Query<Shown>,
    headers: HeaderMap,
    document: Document,
) -> Result<Response> {
    document.is_of(schema_urns::PATCH_OP)?;
    let operations = patch::read(&document.0, &GROUP)?;
    let say = |resource: &Value| group::read(&patch::apply(resource, &operations, &GROUP)?);
    change(&app, (&call, id), (&headers, shown), say).await
}

/// Delete a group: the team goes, and the people stay.
#[utoipa::path(delete, path = "/scim/v2/Groups/{team_id}", tag = "Directory",
    params(("team_id" = String, Path, description = "`team_…`")),
    responses((status = 204, description = "It is gone"), (status = 412, description = "`If-Match` names another version")))]
pub(super) async fn delete_scim_group(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<TeamId>,
    headers: HeaderMap,
) -> Result<StatusCode> {
    is_key(&call)?;
    matches(&headers, &get(&app, &call, &id.to_string()).await?)?;
    app.services.workspaces.delete_team(&call, DeleteTeamRequest { team_id: id.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A directory is a program. Who looks after teams themselves has routes of their own for it.
fn is_key(call: &Call) -> Result<()> {
    caller::may_write(call)?;
    if matches!(call.principal, Principal::Key { .. }) {
        return Ok(());
    }
    let why = "a directory calls with an API key: people change teams at /api/v1/workspaces/{id}/teams";
    Err(Reason::PermissionDenied.with(why).fact("permission", Permission::MembersWrite.as_str()).into())
}

fn some(team: Option<Team>) -> Result<Team> {
    team.ok_or_else(|| Error::incomplete("the team"))
}

/// The name, or what the directory calls it, is another team's.
fn taken(status: Status) -> Error {
    let failure = Failure::from(&status);
    if failure.reason == Reason::Conflict {
        failure.fact(super::error::FACT, "uniqueness").into()
    } else {
        status.into()
    }
}

/// Somebody has left the workspace since it was looked.
fn stranger(status: Status) -> Error {
    let failure = Failure::from(&status);
    if failure.reason != Reason::NotFound {
        return status.into();
    }
    super::error::value("members", "must be active: who is no member of the workspace is in no group").into()
}

async fn get(app: &App, call: &Call, id: &str) -> Result<Team> {
    some(app.services.workspaces.get_team(call, GetTeamRequest { team_id: id.to_owned() }).await?.team)
}

fn matches(headers: &HeaderMap, team: &Team) -> Result<()> {
    let now = group::version_of(team)?;
    match version::wanted(headers)? {
        Some(wanted) if wanted != now => Err(Reason::PreconditionFailed
            .with("the group has changed since this version was read: read it again")
            .into()),
        _ => Ok(()),
    }
}

async fn asked_for(app: &App, call: &Call, team: &Team, asked: bool) -> Result<Option<Members>> {
    if asked { group::members(app, call, &team.id).await.map(Some) } else { Ok(None) }
}

async fn whole(app: &App, call: &Call, id: &str, (status, select): (StatusCode, &Select)) -> Result<Response> {
    let team = get(app, call, id).await?;
    let members = asked_for(app, call, &team, select.shows("members")).await?;
    let resource = group::show(app, &team, members.as_ref())?;
    Ok(answer::resource(status, &resource, &select.of(&resource)))
}

/// Says something else of a group. Who is in it for another reason than the directory stays in it.
async fn change(
    app: &App,
    (call, id): (&Call, TeamId),
    (headers, shown): (&HeaderMap, Shown),
    say: impl Fn(&Value) -> Result<Said, Failure>,
) -> Result<Response> {
    let select = shown.read()?;
    is_key(call)?;
    let team = get(app, call, &id.to_string()).await?;
    matches(headers, &team)?;
    let before = group::members(app, call, &team.id).await?;
    let said = say(&group::show(app, &team, Some(&before))?)?;
    let after = said.members.clone().unwrap_or_default();
    let come: BTreeSet<String> = after.difference(&before.shown).cloned().collect();
    group::must_be_known(app, call, &come).await?;
    if said.name != team.name || said.external_id != team.external_id {
        let request = UpdateTeamRequest {
            team_id: team.id.clone(),
            name: Some(said.name),
            external_id: Some(said.external_id),
            ..UpdateTeamRequest::default()
        };
        app.services.workspaces.update_team(call, request).await.map_err(taken)?;
    }
    move_members(app, call, &team.id, (&before, &after, &come)).await?;
    whole(app, call, &team.id, (StatusCode::OK, &select)).await
}

async fn move_members(
    app: &App,
    call: &Call,
    team: &str,
    (before, after, come): (&Members, &BTreeSet<String>, &BTreeSet<String>),
) -> Result<()> {
    let workspaces = &app.services.workspaces;
    let go: BTreeSet<&String> = before.shown.difference(after).collect();
    if come.len() + go.len() > FEW {
        let user_ids = after.union(&before.others).cloned().collect();
        let request = ReplaceTeamMembersRequest { team_id: team.to_owned(), user_ids };
        workspaces.replace_team_members(call, request).await.map_err(stranger)?;
        return Ok(());
    }
    for id in come {
        let request = AddTeamMemberRequest { team_id: team.to_owned(), user_id: id.clone() };
        workspaces.add_team_member(call, request).await.map_err(stranger)?;
    }
    for id in go {
        let request = RemoveTeamMemberRequest { team_id: team.to_owned(), user_id: id.clone() };
        match workspaces.remove_team_member(call, request).await {
            // Somebody else was faster.
            Err(status) if Reason::of(&status) == Reason::NotFound => {}
            outcome => drop(outcome?),
        }
    }
    Ok(())
}

/// A workspace has few teams: they are looked at one by one.
async fn listed(app: &App, call: &Call, listing: Listing) -> Result<Response> {
    let narrow = listing.narrow(&GROUP);
    let with_members = listing.select.shows("members") || !narrow.is_all;
    let mut request = ListTeamsRequest {
        page_size: PAGE,
        name: narrow.display_name.unwrap_or_default(),
        external_id: narrow.external_id.unwrap_or_default(),
        ..ListTeamsRequest::default()
    };
    let mut teams = vec![];
    loop {
        let page = app.services.workspaces.list_teams(call, request.clone()).await?;
        teams.extend(page.teams.into_iter().filter(|team| narrow.id.as_ref().is_none_or(|id| *id == team.id)));
        if page.next_page_token.is_empty() {
            break;
        }
        request.page_token = page.next_page_token;
    }
    if narrow.is_all {
        let total = i64::try_from(teams.len()).unwrap_or(i64::MAX);
        let offset = usize::try_from(listing.offset).unwrap_or(usize::MAX);
        teams = teams.into_iter().skip(offset).take(usize::try_from(listing.count).unwrap_or_default()).collect();
        let resources = shown(app, call, &teams, with_members).await?;
        return Ok(answer::document(StatusCode::OK, &listing.document(&Page { resources, total })));
    }
    let mut meant = vec![];
    for resource in shown(app, call, &teams, with_members).await? {
        if listing.means(&resource, &GROUP)? {
            meant.push(resource);
        }
    }
    let page = listing.cut(meant);
    Ok(answer::document(StatusCode::OK, &listing.document(&page)))
}

async fn shown(app: &App, call: &Call, teams: &[Team], with_members: bool) -> Result<Vec<Value>> {
    let mut all = vec![];
    for team in teams {
        let members = asked_for(app, call, team, with_members).await?;
        all.push(group::show(app, team, members.as_ref())?);
    }
    Ok(all)
}
