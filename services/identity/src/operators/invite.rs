//! Invites somebody to sign up, where not everybody may.

use super::{Act, Host, record};
use crate::{
    Error,
    letter::{Kind, queue},
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

/// Makes an invitation for an address that has no account. The trail names the address by its digest only. `letter`: in which
/// language it is also sent a letter, whose link holds a token of its own: one is as good as the other.
/// Errors: `REFUSED_VALUE` for what is no address, [`Error::EmailTaken`], [`Error::Store`].
pub async fn invite(host: &Host, address: &str, letter: Option<&str>) -> Result<Invited, Error> {
    let address = email::read(address)?;
    let until = host.clock.now() + Kind::Invitation.worth();
    let mut tx = GlobalTx::begin(&host.db).await?;
    if super::find(&mut tx, &address).await?.is_some() {
        return Err(Error::EmailTaken);
    }
    let of = Of { kind: Kind::Invitation, user: None, sign_up: None, email: address.clone() };
    let token = one_time::make(&mut tx, &of, until).await?.to_string();
    if let Some(locale) = letter {
        queue::invitation(&mut tx, (&host.clock, &host.ids), &address, locale).await?;
    }
    let digest = digest::digest(&digest::SHA256, address.as_bytes());
    let subject = format!("sha256:{}", hex::encode(&digest.as_ref()[..16]));
    let domain = address.rsplit_once('@').map(|(_, domain)| domain);
    let facts = json!({ "domain": domain, "expires_at": until, "by_mail": letter.is_some() });
    let act = Act { action: "user.invited", subject, actor: &host.actor, facts };
    record(&mut tx, &host.clock, &host.ids, act).await?;
    tx.commit().await?;
    Ok(Invited { email: address, token, until })
}
