//! Who is in a team: listed, taken in and let go one by one.

use super::{MOST_MEMBERS, replace, row};
use crate::{Workspace, error::Error, member};
use chrono::{DateTime, Utc};
use proto::{
    Call, Page,
    id::{TeamId, UserId, WorkspaceId},
    time,
    workspace::{
        AddTeamMemberRequest, AddTeamMemberResponse, ListTeamMembersRequest, ListTeamMembersResponse,
        RemoveTeamMemberRequest, RemoveTeamMemberResponse, TeamMember,
    },
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

store::row! {
    struct MemberRow {
        user_id: UserId,
        added_at: DateTime<Utc>,
        role: String,
        email: Option<String>,
        name: Option<String>,
    }
}

/// One page of them, the newest accounts first. Errors: `NOT_FOUND`, `INVALID_ARGUMENT`.
pub(crate) async fn list(
    service: &Workspace,
    _: &Call,
    id: WorkspaceId,
    request: ListTeamMembersRequest,
) -> Result<ListTeamMembersResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let team = row::id(&request.team_id)?;
    let values = [id.into(), team.into(), page.after.unwrap_or(Uuid::max()).into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    row::find(&mut tx, team).await?;
    let mut rows: Vec<MemberRow> = tx.fetch_all(sql!("team_member/list"), &values).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut rows, |row| row.user_id.uuid());
    Ok(ListTeamMembersResponse { members: rows.into_iter().map(TeamMember::from).collect(), next_page_token })
}

/// Takes a member of the workspace in. Errors: `NOT_FOUND` for either, `REFUSED_VALUE` for a full team.
pub(crate) async fn add(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: AddTeamMemberRequest,
) -> Result<AddTeamMemberResponse, Error> {
    let (team, person) = (row::id(&request.team_id)?, read(&request.user_id)?);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock_open(&mut tx).await?;
    let row = row::find(&mut tx, team).await?;
    member::resolve::role(&mut tx, id, person).await?.ok_or_else(stranger)?;
    if let Some(there) = find(&mut tx, team, person).await? {
        return Ok(AddTeamMemberResponse { member: Some(there.into()) });
    }
    if usize::try_from(row.members).is_ok_and(|members| members >= MOST_MEMBERS) {
        return Err(Error::TeamFull(MOST_MEMBERS));
    }
    replace::change(service, &mut tx, call, &row, (&[person], &[])).await?;
    let member = find(&mut tx, team, person).await?.map(TeamMember::from);
    tx.commit().await?;
    Ok(AddTeamMemberResponse { member })
}

/// Lets somebody go. Errors: `NOT_FOUND` for a team, and for who is not in it.
pub(crate) async fn remove(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: RemoveTeamMemberRequest,
) -> Result<RemoveTeamMemberResponse, Error> {
    let (team, person) = (row::id(&request.team_id)?, read(&request.user_id)?);
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let row = row::find(&mut tx, team).await?;
    find(&mut tx, team, person).await?.ok_or(Error::NotFound("member of the team"))?;
    replace::change(service, &mut tx, call, &row, (&[], &[person])).await?;
    tx.commit().await?;
    Ok(RemoveTeamMemberResponse {})
}

/// The id of a person in a request. What is none is a member who does not exist.
fn read(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_| stranger())
}

fn stranger() -> Error {
    Error::NotFound("member")
}

async fn find(tx: &mut WorkspaceTx, team: TeamId, person: UserId) -> Result<Option<MemberRow>, Error> {
    let values = [tx.workspace().into(), team.into(), person.into()];
    Ok(tx.fetch_optional(sql!("team_member/get"), &values).await?)
}

impl From<MemberRow> for TeamMember {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: row.user_id.to_string(),
            email: row.email.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            role: row.role,
            added_at: Some(time::to_proto(row.added_at)),
        }
    }
}
