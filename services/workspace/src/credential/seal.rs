//! Seals the credential of a provider, and opens it for the gateway.

use super::data_key;
use crate::{Workspace, error::Error};
use proto::id::{ProviderId, WorkspaceId};
use store::{WorkspaceTx, seal::Sealer};

/// Seals `key` for this provider of the transaction's workspace.
pub(crate) async fn seal(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    provider: ProviderId,
    key: &str,
) -> Result<Vec<u8>, Error> {
    let sealer = sealer(service, tx).await?;
    Ok(sealer.seal(key.as_bytes(), &place(tx.workspace(), provider)))
}

/// What seals and opens in the transaction's workspace.
pub(crate) async fn sealer(service: &Workspace, tx: &mut WorkspaceTx) -> Result<Sealer, Error> {
    Ok(data_key::load(service, tx).await?.sealer())
}

/// Opens what [`seal`] made for the same provider.
pub(crate) fn open(sealer: &Sealer, id: WorkspaceId, provider: ProviderId, sealed: &[u8]) -> Result<String, Error> {
    let key = sealer.open(sealed, &place(id, provider))?;
    // Only text is ever sealed here, so anything else is damage.
    let text = std::str::from_utf8(&key).map_err(|_| store::seal::Error::Damaged)?;
    Ok(text.to_owned())
}

/// Where it is stored: a credential copied to another provider or workspace does not open there.
fn place(id: WorkspaceId, provider: ProviderId) -> Vec<u8> {
    format!("providers/{provider}/{id}").into_bytes()
}
