//! The key of a workspace, under which its credentials are sealed.

use crate::{Workspace, error::Error};
use proto::id::WorkspaceId;
use store::{
    Db, SystemTx, WorkspaceTx,
    seal::{DataKey, MasterKey},
    sql,
};

/// What a master key can do with what is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// Nothing is sealed yet: any master key will do.
    Nothing,
    /// The key opens what is stored.
    Opens,
    /// Something is stored that the key does not open, or there is no key: nobody may begin with another.
    Locked,
}

/// Whether `master` is the key with which the stored data keys were wrapped. Errors: the database failed.
pub async fn sealed_under(db: &Db, master: Option<&MasterKey>) -> Result<Sealed, Error> {
    let mut tx = SystemTx::read(db, "check the master key").await?;
    let row: Option<(WorkspaceId, Vec<u8>)> = tx.fetch_optional(sql!("data_key/any"), &[]).await?;
    Ok(match (row, master) {
        (None, _) => Sealed::Nothing,
        (Some((id, wrapped)), Some(master)) if DataKey::unwrap(master, &wrapped, &place(id)).is_ok() => Sealed::Opens,
        (Some(_), _) => Sealed::Locked,
    })
}

/// Gives a new workspace its key.
pub(crate) async fn create(service: &Workspace, tx: &mut WorkspaceTx) -> Result<(), Error> {
    let id = tx.workspace();
    let wrapped = DataKey::generate().wrap(&service.master, &place(id));
    tx.execute(sql!("data_key/insert"), &[id.into(), wrapped.into(), service.clock.now().into()]).await?;
    Ok(())
}

/// The key of the transaction's workspace. Errors: [`Error::Erased`], [`Error::Sealed`] under another master key.
pub(crate) async fn load(service: &Workspace, tx: &mut WorkspaceTx) -> Result<DataKey, Error> {
    let id = tx.workspace();
    let row: Option<(Vec<u8>,)> = tx.fetch_optional(sql!("data_key/get"), &[id.into()]).await?;
    let (wrapped,) = row.ok_or(Error::Erased)?;
    unwrap(service, id, &wrapped)
}

/// The key of a workspace as it is stored. Errors: [`Error::Sealed`] under another master key.
pub(crate) fn unwrap(service: &Workspace, id: WorkspaceId, wrapped: &[u8]) -> Result<DataKey, Error> {
    Ok(DataKey::unwrap(&service.master, wrapped, &place(id))?)
}

/// What seals answers of models that gateways keep, until they are erased. Errors: as [`load`].
pub(crate) async fn of_answers(tx: &mut WorkspaceTx, key: &DataKey) -> Result<DataKey, Error> {
    let id = tx.workspace();
    let row: Option<(i64,)> = tx.fetch_optional(sql!("data_key/era"), &[id.into()]).await?;
    let (era,) = row.ok_or(Error::Erased)?;
    Ok(key.derive(&format!("answers of models/{era}")))
}

/// Nobody opens the answers any more that were sealed until now.
pub(crate) async fn erase_answers(tx: &mut WorkspaceTx) -> Result<(), Error> {
    let id = tx.workspace();
    tx.execute(sql!("data_key/next_era"), &[id.into()]).await?;
    Ok(())
}

/// Where it is stored: a key copied to another workspace does not open there.
pub(crate) fn place(id: WorkspaceId) -> Vec<u8> {
    format!("data_keys/{id}").into_bytes()
}
