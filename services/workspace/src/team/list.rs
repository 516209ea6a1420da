//! Teams of a workspace, newest first.

use super::row::{self, TeamRow};
use crate::{Workspace, error::Error};
use proto::{
    Call, Page,
    id::{UserId, WorkspaceId},
    workspace::{ListTeamsRequest, ListTeamsResponse},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

/// One page of them. Errors: `INVALID_ARGUMENT`.
pub(crate) async fn list(
    service: &Workspace,
    _: &Call,
    id: WorkspaceId,
    request: ListTeamsRequest,
) -> Result<ListTeamsResponse, Error> {
    let page = Page::parse(request.page_size, &request.page_token).map_err(Error::Refused)?;
    let given = |text: String| (!text.is_empty()).then_some(text);
    let person = match given(request.user_id).map(|text| text.parse::<UserId>()) {
        None => None,
        Some(Ok(person)) => Some(person),
        // Nobody is in no team.
        Some(Err(_)) => return Ok(ListTeamsResponse::default()),
    };
    let values = [
        id.into(),
        page.after.unwrap_or(Uuid::max()).into(),
        page.fetch().into(),
        given(request.external_id).into(),
        given(row::key(request.name.trim())).into(),
        person.into(),
    ];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let mut rows: Vec<TeamRow> = tx.fetch_all(sql!("team/list"), &values).await?;
    tx.commit().await?;
    let next_page_token = page.cut(&mut rows, |row| row.team_id.uuid());
    let teams = rows.iter().map(TeamRow::to_proto).collect::<Result<_, _>>()?;
    Ok(ListTeamsResponse { teams, next_page_token })
}
