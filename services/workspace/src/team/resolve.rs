//! Does a team exist, and is somebody in it? Asked by doors for each key of a team, and by identity before it makes one.

use super::row;
use crate::{Workspace, error::Error};
use proto::{
    id::{TeamId, UserId, WorkspaceId},
    workspace::{ResolveTeamRequest, ResolveTeamResponse},
};
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, also for ids that are none.
pub(crate) async fn resolve(service: &Workspace, request: ResolveTeamRequest) -> Result<ResolveTeamResponse, Error> {
    let id: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let team: TeamId = row::id(&request.team_id)?;
    let person: Option<UserId> = match request.user_id.as_str() {
        "" => None,
        text => Some(text.parse().map_err(|_| row::absent())?),
    };
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let found: Option<(TeamId,)> =
        tx.fetch_optional(sql!("team/resolve"), &[id.into(), team.into(), person.into()]).await?;
    tx.commit().await?;
    found.map(|_| ResolveTeamResponse {}).ok_or_else(row::absent)
}
