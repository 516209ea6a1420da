//! One role of a workspace.

use super::{built_in, find};
use crate::{Workspace, error::Error, member::roles::Role};
use proto::{
    id::WorkspaceId,
    workspace::{GetRoleRequest, GetRoleResponse},
};
use store::WorkspaceTx;

/// Errors: `NOT_FOUND`.
pub(crate) async fn get(
    service: &Workspace,
    id: WorkspaceId,
    request: GetRoleRequest,
) -> Result<GetRoleResponse, Error> {
    if let Some(role) = Role::named(&request.name) {
        return Ok(GetRoleResponse { role: Some(built_in(role)) });
    }
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let found = find(&mut tx, &request.name).await?;
    Ok(GetRoleResponse { role: Some(found.to_proto()) })
}
