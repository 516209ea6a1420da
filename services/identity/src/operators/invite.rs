//! Invites somebody to sign up, where not everybody may.

use super::{Act, Host, record};
use crate::{
    Error,
    letter::Kind,
    token::one_time::{self, Of},
    user::email,
};
use aws_lc_rs::digest;
use chrono::{DateTime, Utc};
use serde_json::json;
use store::GlobalTx;

/// An invitation.
#[derive(Debug)]
pub struct Invited {
    /// The address that may sign up with it, as it is compared.
    pub email: String,
    /// What is sent along as `invitation`. It works once, for this address.
    pub token: String,
    /// When it works no longer.
    pub until: DateTime<Utc>,
}

/// Makes an invitation for an address that has no account. The trail names the address by its digest only.
/// Errors: `REFUSED_VALUE` for what is no address, [`Error::EmailTaken`], [`Error::Store`].
pub async fn invite(host: &Host, address: &str) -> Result<Invited, Error> {
    let address = email::read(address)?;
    let until = host.clock.now() + Kind::Invitation.worth();
    let mut tx = GlobalTx::begin(&host.db).await?;
    if super::find(&mut tx, &address).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    let of = Of { kind: Kind::Invitation, user: None, sign_up: None, email: address.clone() };
    let token = one_time::make(&mut tx, &of, until).await?.to_string();
    let digest = digest::digest(&digest::SHA256, address.as_bytes());
    let subject = format!("sha256:{}", hex::encode(&digest.as_ref()[..16]));
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    let facts = json!({ "domain": domain, "expires_at": until });
    let act = Act { action: "user.invited", subject, actor: &host.actor, facts };
    record(&mut tx, &host.clock, &host.ids, act).await?;
    tx.commit().await?;
    Ok(Invited { email: address, token, until })
}
