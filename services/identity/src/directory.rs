//! People for whom the directory of a workspace vouches, as SCIM 2.0 has them.
//!
//! What a directory says is kept first, with its entry in the trail. What follows from it in another service, the membership,
//! is done after it and until it is done: by the request itself, the next one, or upkeep. Where it cannot be (no seat, the last
//! owner), what was said before stands again, and the directory is told why.

mod account;
pub(crate) mod create;
pub(crate) mod delete;
mod event;
pub(crate) mod follow;
pub(crate) mod list;
mod refusal;
pub(crate) mod replace;
mod row;
mod said;
mod settle;
pub(crate) mod sweep;

use crate::{Error, Parts};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
};
use row::Entry;
use store::WorkspaceTx;

/// The id of a person in a request. What is none is somebody whom the directory does not have.
fn parse(id: &str) -> Result<UserId, Error> {
    id.parse().map_err(|_| refusal::absent())
}

/// Whether the directory of a workspace says that this person is no member: it has switched them off, or deleted them.
pub(crate) async fn says_no(parts: &Parts, workspace: WorkspaceId, person: UserId) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let (says_no,): (bool,) =
        tx.fetch_one(store::sql!("directory/says_no"), &[workspace.into(), person.into()]).await?;
    tx.commit().await?;
    Ok(says_no)
}

/// Begins a change in the workspace of a call. Errors: `PERMISSION_DENIED` for whoever is no service account: people and their keys
/// come and go, and a directory that ends with one of them looks after nobody.
async fn begin(parts: &Parts, call: &Call) -> Result<WorkspaceTx, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    if crate::key::policy::is_service_account(&mut tx, call).await? { Ok(tx) } else { Err(refusal::caller()) }
}

/// Whom the directory has, locked until the transaction ends, as long as the version is this one (0: any). Errors: `NOT_FOUND`,
/// `PRECONDITION_FAILED`.
async fn find(tx: &mut WorkspaceTx, person: UserId, version: i64) -> Result<Entry, Error> {
    let entry = row::lock(tx, person).await?.filter(Entry::is_there).ok_or_else(refusal::absent)?;
    if version != 0 && version != entry.version { Err(refusal::overtaken()) } else { Ok(entry) }
}
