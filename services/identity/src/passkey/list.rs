//! Which passkeys has the calling person? Answers `ListPasskeys`.

use super::Passkey;
use crate::{Error, Parts};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Oldest first.
pub(crate) async fn list(parts: &Parts, call: &Call) -> Result<pb::ListPasskeysResponse, Error> {
    let (user, _) = call.user().map_err(Error::caller)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found = super::of(&mut tx, user).await?;
    tx.commit().await?;
    Ok(pb::ListPasskeysResponse { passkeys: found.into_iter().map(Passkey::into_proto).collect() })
}
