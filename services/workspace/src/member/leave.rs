//! Ends one's own membership.

use super::{absent, owners, remove, resolve};
use crate::{Workspace, error::Error};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::LeaveWorkspaceResponse,
};
use store::WorkspaceTx;

/// Errors: `NOT_FOUND`, `LAST_OWNER`.
pub(crate) async fn leave(
    service: &Workspace,
    call: &Call,
    person: UserId,
    id: WorkspaceId,
) -> Result<LeaveWorkspaceResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock(&mut tx).await?;
    let role = resolve::role(&mut tx, id, person).await?.ok_or_else(absent)?;
    remove::end(service, &mut tx, call, person, ("member.left", &role)).await?;
    tx.commit().await?;
    Ok(LeaveWorkspaceResponse {})
}
