//! The call's workspace.

use super::row::WorkspaceRow;
use crate::{Workspace, error::Error, member::resolve};
use proto::{
    Call, Principal,
    id::{UserId, WorkspaceId},
    workspace::{self, GetWorkspaceResponse},
};
use store::{WorkspaceTx, sql};

/// Reads it, with the role of the caller if that is a person.
pub(crate) async fn get(service: &Workspace, call: &Call, id: WorkspaceId) -> Result<GetWorkspaceResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let workspace = read(&mut tx, id, person(call)).await?;
    Ok(GetWorkspaceResponse { workspace: Some(workspace) })
}

/// Reads it as this person sees it, within a transaction.
pub(crate) async fn read(
    tx: &mut WorkspaceTx,
    id: WorkspaceId,
    person: Option<UserId>,
) -> Result<workspace::Workspace, Error> {
    let row: Option<WorkspaceRow> = tx.fetch_optional(sql!("workspace/get"), &[id.into()]).await?;
    let row = row.ok_or(Error::NotFound("workspace"))?;
    let role = match person {
        Some(person) => resolve::role(tx, id, person).await?.unwrap_or_default(),
        None => String::new(),
    };
    row.seen_by(role)
}

/// The person behind the call; none for a key or for Perpetuo itself.
pub(crate) const fn person(call: &Call) -> Option<UserId> {
    match call.principal {
        Principal::User { id, .. } => Some(id),
        Principal::Anonymous | Principal::Key { .. } | Principal::Service(_) => None,
    }
}
