//! One team of a workspace.

use super::row;
use crate::{Workspace, error::Error};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{GetTeamRequest, GetTeamResponse},
};
use store::WorkspaceTx;

/// Errors: `NOT_FOUND`.
pub(crate) async fn get(
    service: &Workspace,
    _: &Call,
    id: WorkspaceId,
    request: GetTeamRequest,
) -> Result<GetTeamResponse, Error> {
    let team = row::id(&request.team_id)?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let row = row::find(&mut tx, team).await?;
    tx.commit().await?;
    Ok(GetTeamResponse { team: Some(row.to_proto()?) })
}
