//! What the workspace service says of teams.

use crate::fake::{ANA, TEAM, again, at, more, unused};
use proto::{
    Call, Reason,
    limits::{Budget, Limits, Period},
    workspace::*,
};
use tonic::Status;

fn team() -> Team {
    let budgets = vec![Budget { amount_micros: 25_000_000, period: Period::Day.into(), soft: false }];
    Team {
        id: TEAM.into(),
        name: "Research".into(),
        description: "who try things".into(),
        limits: Some(Limits { rpm: Some(60), budgets, ..Limits::default() }),
        external_id: "8f2e".into(),
        members: 2,
        created_at: at(1_790_000_000),
        updated_at: at(1_790_000_000),
    }
}

fn member() -> Option<TeamMember> {
    Some(TeamMember {
        user_id: ANA.into(),
        email: "ana@example.com".into(),
        name: "Ana".into(),
        role: "owner".into(),
        added_at: at(1_790_000_000),
    })
}

/// Errors: `NOT_FOUND` for any other.
fn found(id: &str) -> Result<Option<Team>, Status> {
    if id == TEAM { Ok(Some(team())) } else { Err(Reason::NotFound.with("there is no such team").into()) }
}

pub fn create(call: &Call, request: CreateTeamRequest) -> Result<CreateTeamResponse, Status> {
    let made = Team { name: request.name, limits: request.limits, members: 0, ..team() };
    Ok(CreateTeamResponse { team: Some(made), replayed: again(call) })
}

pub fn list(_: &Call, request: ListTeamsRequest) -> Result<ListTeamsResponse, Status> {
    Ok(ListTeamsResponse { teams: vec![team()], next_page_token: more(&request.page_token) })
}

pub fn get(_: &Call, request: GetTeamRequest) -> Result<GetTeamResponse, Status> {
    Ok(GetTeamResponse { team: found(&request.team_id)? })
}

pub fn update(_: &Call, request: UpdateTeamRequest) -> Result<UpdateTeamResponse, Status> {
    Ok(UpdateTeamResponse { team: found(&request.team_id)? })
}

pub fn delete(_: &Call, request: DeleteTeamRequest) -> Result<DeleteTeamResponse, Status> {
    found(&request.team_id).map(|_| DeleteTeamResponse {})
}

pub fn members(_: &Call, request: ListTeamMembersRequest) -> Result<ListTeamMembersResponse, Status> {
    found(&request.team_id)?;
    Ok(ListTeamMembersResponse { members: member().into_iter().collect(), next_page_token: String::new() })
}

pub fn add(_: &Call, request: AddTeamMemberRequest) -> Result<AddTeamMemberResponse, Status> {
    found(&request.team_id).map(|_| AddTeamMemberResponse { member: member() })
}

pub fn remove(_: &Call, request: RemoveTeamMemberRequest) -> Result<RemoveTeamMemberResponse, Status> {
    found(&request.team_id).map(|_| RemoveTeamMemberResponse {})
}

pub fn replace(_: &Call, request: ReplaceTeamMembersRequest) -> Result<ReplaceTeamMembersResponse, Status> {
    found(&request.team_id).map(|_| ReplaceTeamMembersResponse { added: 1, removed: 1 })
}

pub fn resolve(_: &Call, _: ResolveTeamRequest) -> Result<ResolveTeamResponse, Status> {
    unused()
}
