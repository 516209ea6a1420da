//! Has somebody logged in from there before?

use crate::{Error, Parts};
use proto::{Call, id::UserId};
use std::net::IpAddr;
use store::GlobalTx;
use uuid::Uuid;

store::row! {
    struct Seen {
        user_agent: Option<String>,
        address: Option<String>,
    }
}

/// A network and a name of a device that one of the last sessions had. Of nobody's account nothing is known, after the
/// same work.
pub(super) async fn is_known(parts: &Parts, call: &Call, user: Option<UserId>) -> Result<bool, Error> {
    let of = user.map_or_else(Uuid::nil, UserId::uuid);
    let mut tx = GlobalTx::read(&parts.db).await?;
    let seen: Vec<Seen> = tx.fetch_all(store::sql!("session/seen"), &[of.into()]).await?;
    tx.commit().await?;
    let Some(network) = call.client.map(host::customer::network) else { return Ok(false) };
    Ok(seen.iter().any(|seen| {
        let address: Option<IpAddr> = seen.address.as_deref().and_then(|address| address.parse().ok());
        address.map(host::customer::network) == Some(network)
            && seen.user_agent.as_deref() == call.user_agent.as_deref()
    }))
}
