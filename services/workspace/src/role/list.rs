//! Roles of a workspace: those that every one has first, then its own by name.

use super::{built_in, row::RoleRow};
use crate::{Workspace, error::Error, member::roles::Role};
use proto::{id::WorkspaceId, workspace::ListRolesResponse};
use store::{WorkspaceTx, sql};

/// All of them.
pub(crate) async fn list(service: &Workspace, id: WorkspaceId) -> Result<ListRolesResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let own: Vec<RoleRow> = tx.fetch_all(sql!("role/list"), &[id.into()]).await?;
    let own = own.iter().map(RoleRow::to_proto);
    Ok(ListRolesResponse { roles: Role::ALL.into_iter().map(built_in).chain(own).collect() })
}
