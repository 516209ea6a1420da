//! Makes somebody an operator.

use super::{Act, Host, account, record};
use crate::Error;
use proto::{PlatformRole, id::UserId};
use serde_json::json;
use store::GlobalTx;

/// What a grant did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Who.
    pub user: UserId,
    /// What they were before.
    pub before: Option<PlatformRole>,
    /// Whether they have a second factor, without which the role may count for nothing.
    pub has_mfa: bool,
}

/// Gives the account of an address a role in place of the one that it had; giving the same one again changes nothing.
/// It counts from the next refresh of the person's tokens. Errors: [`Error::NotFound`], [`Error::Disabled`],
/// [`Error::Store`].
pub async fn grant(host: &Host, address: &str, role: PlatformRole) -> Result<Granted, Error> {
    let mut tx = GlobalTx::begin(&host.db).await?;
    let account = account(&mut tx, address).await?;
    if account.disabled_at.is_some() {
        return Err(Error::Disabled);
    }
    let has_mfa = account.mfa_enabled_at.is_some() || account.passkeys > 0;
    let granted = Granted { user: account.id, before: account.platform(), has_mfa };
    if granted.before == Some(role) {
        return Ok(granted);
    }
    let values = [account.id.into(), role.as_str().into(), host.clock.now().into(), host.actor.as_str().into()];
    tx.execute(store::sql!("platform_role/grant"), &values).await?;
    let facts = json!({ "role": role.as_str(), "before": granted.before.map(PlatformRole::as_str) });
    let act = Act { action: "user.platform_role_granted", subject: account.id.to_string(), actor: &host.actor, facts };
    record(&mut tx, &host.clock, &host.ids, act).await?;
    tx.commit().await?;
    Ok(granted)
}
