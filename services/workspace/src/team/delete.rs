//! Removes a team. Identity ends its keys when it hears of it; the doors let none of them in from then on.

use super::row;
use crate::{Workspace, audit::record::Record, error::Error, member};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{DeleteTeamRequest, DeleteTeamResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: DeleteTeamRequest,
) -> Result<DeleteTeamResponse, Error> {
    let team = row::id(&request.team_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let row = row::find(&mut tx, team).await?;
    tx.execute(sql!("team/delete"), &[id.into(), team.into()]).await?;
    let payload = json!({ "name": row.name, "members": row.members });
    let event = Record { kind: "team.deleted", subject: team.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(DeleteTeamResponse {})
}
