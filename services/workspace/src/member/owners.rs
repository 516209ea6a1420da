//! A workspace is never without an owner, however many of them go at once.

use super::roles::Role;
use crate::{error::Error, workspace::row::WorkspaceRow};
use proto::id::WorkspaceId;
use store::{WorkspaceTx, sql};

/// Lets nobody else change the members of the transaction's workspace until it ends. Errors: `NOT_FOUND`.
pub(crate) async fn lock(tx: &mut WorkspaceTx) -> Result<(), Error> {
    row(tx).await.map(drop)
}

/// The same for what begins something in it. Errors: `NOT_FOUND`, also where it is closed.
pub(crate) async fn lock_open(tx: &mut WorkspaceTx) -> Result<(), Error> {
    row(tx).await?.deleted_at.is_none().then_some(()).ok_or(Error::NotFound("workspace"))
}

async fn row(tx: &mut WorkspaceTx) -> Result<WorkspaceRow, Error> {
    let id: WorkspaceId = tx.workspace();
    let row: Option<WorkspaceRow> = tx.fetch_optional(sql!("workspace/lock"), &[id.into()]).await?;
    row.ok_or(Error::NotFound("workspace"))
}

/// Goes on if somebody with this role may cease to have it. The workspace is locked. Errors: `LAST_OWNER`.
pub(super) async fn not_the_last(tx: &mut WorkspaceTx, role: &str) -> Result<(), Error> {
    if role != Role::Owner.as_str() {
        return Ok(());
    }
    let id = tx.workspace();
    let (owners,): (i64,) = tx.fetch_one(sql!("member/owners"), &[id.into()]).await?;
    if owners > 1 { Ok(()) } else { Err(Error::LastOwner) }
}
