//! Makes somebody an operator no longer.

use super::{Act, Host, account, record};
use crate::Error;
use proto::{PlatformRole, id::UserId};
use serde_json::json;
use store::GlobalTx;

/// What a revocation did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// Who.
    pub user: UserId,
    /// What they were before; None: they were nothing, and nothing has changed.
    pub before: Option<PlatformRole>,
}

/// Takes the role of the account of an address away, at once on every process. With `only`, takes that role and no
/// other. Errors: [`Error::NotFound`], [`Error::OtherRole`], [`Error::Store`].
pub async fn revoke(host: &Host, address: &str, only: Option<PlatformRole>) -> Result<Revoked, Error> {
    let mut tx = GlobalTx::begin(&host.db).await?;
    let account = account(&mut tx, address).await?;
    let before = account.platform();
    if let (Some(only), Some(holds)) = (only, before)
        && only != holds
    {
        return Err(Error::OtherRole(holds));
    }
    // Also a role that this release has no name for.
    if tx.execute(store::sql!("platform_role/revoke"), &[account.id.into()]).await? > 0 {
        let facts = json!({ "role": account.role });
        let act =
            Act { action: "user.platform_role_revoked", subject: account.id.to_string(), actor: &host.actor, facts };
        record(&mut tx, &host.clock, &host.ids, act).await?;
    }
    tx.commit().await?;
    Ok(Revoked { user: account.id, before })
}
