//! What opens the calling person's account beside a password? Answers `ListIdentities`.

use super::{Identity, has_password};
use crate::{Error, Parts};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Oldest first.
pub(crate) async fn list(parts: &Parts, call: &Call) -> Result<pb::ListIdentitiesResponse, Error> {
    let (user, _) = call.user().map_err(Error::caller)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found: Vec<Identity> = tx.fetch_all(store::sql!("user_identity/list"), &[user.into()]).await?;
    let has_password = has_password(&mut tx, user).await?;
    tx.commit().await?;
    let identities = found.into_iter().map(Identity::into_proto).collect();
    Ok(pb::ListIdentitiesResponse { identities, has_password })
}
