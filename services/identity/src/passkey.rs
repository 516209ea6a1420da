//! Passkeys (WebAuthn): keys on devices that open an account, with both factors at once.
//!
//! A device signs for our domain only, and only after it has verified its owner. So a passkey signs in alone, and is a
//! second factor wherever one is asked for. Attestation is not asked for: nobody's device is refused or recognised.

pub(crate) mod add;
pub(crate) mod assertion;
pub(crate) mod begin;
pub(crate) mod challenge;
pub(crate) mod list;
mod reading;
pub(crate) mod relying_party;
pub(crate) mod remove;
pub(crate) mod rename;
pub(crate) mod sign_in;
pub(crate) mod step_up;

use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    user::User,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{PasskeyId, UserId},
    identity as pb,
};
use serde::Serialize;
use store::Tx;
use webauthn_rs::{Webauthn, prelude::Passkey as Key};

/// How many an account may have.
const MOST: i64 = 10;
const NAME: usize = 64;

store::row! {
    /// One of them.
    pub(crate) struct Passkey {
        id: PasskeyId,
        user_id: UserId,
        credential: serde_json::Value,
        backup_eligible: bool,
        backed_up: bool,
        aaguid: String,
        transports: serde_json::Value,
        name: String,
        created_at: DateTime<Utc>,
        last_used_at: Option<DateTime<Utc>>,
    }
}

impl Parts {
    /// For whom devices sign. Errors: [`Error::NoPasskeys`].
    fn relying_party(&self) -> Result<&Webauthn, Error> {
        self.relying_party.as_ref().ok_or(Error::NoPasskeys)
    }
}

impl Passkey {
    /// Errors: [`Error::Internal`] for one that cannot be read.
    fn key(&self) -> Result<Key, Error> {
        serde_json::from_value(self.credential.clone())
            .map_err(|why| Error::Internal(format!("the passkey {}: {why}", self.id)))
    }

    /// For a browser to look for it.
    fn descriptor(&self) -> Result<serde_json::Value, Error> {
        let id = URL_SAFE_NO_PAD.encode(self.key()?.cred_id());
        Ok(serde_json::json!({ "type": "public-key", "id": id, "transports": self.transports }))
    }

    fn transports(&self) -> Vec<String> {
        let all = self.transports.as_array().into_iter().flatten();
        all.filter_map(|one| one.as_str().map(str::to_owned)).collect()
    }

    fn into_proto(self) -> pb::Passkey {
        pb::Passkey {
            id: self.id.to_string(),
            transports: self.transports(),
            name: self.name,
            created_at: Some(proto::time::to_proto(self.created_at)),
            last_used_at: self.last_used_at.map(proto::time::to_proto),
            aaguid: self.aaguid,
            backup_eligible: self.backup_eligible,
            backed_up: self.backed_up,
        }
    }
}

/// For a browser, in its own JSON.
fn options(asked: &impl Serialize) -> Result<serde_json::Value, Error> {
    serde_json::to_value(asked).map_err(|why| Error::Internal(format!("what a passkey is asked for: {why}")))
}

/// All of a person, oldest first.
pub(crate) async fn of(tx: &mut Tx, user: UserId) -> Result<Vec<Passkey>, Error> {
    Ok(tx.fetch_all(store::sql!("passkey/list"), &[user.into()]).await?)
}

/// How many a person has.
pub(crate) async fn count(tx: &mut Tx, user: UserId) -> Result<i64, Error> {
    let (passkeys,): (i64,) = tx.fetch_one(store::sql!("passkey/count"), &[user.into()]).await?;
    Ok(passkeys)
}

/// Ends all of an account, and tells its owner if there were any: whoever was in it before may have made them.
pub(crate) async fn clear(tx: &mut Tx, parts: &Parts, call: &Call, user: &User) -> Result<(), Error> {
    if tx.execute(store::sql!("passkey/delete_all"), &[user.id.into()]).await? > 0 {
        queue::notice(tx, parts, Kind::PasskeyRemoved, &user.email, user.id).await?;
        tx.emit(&event::of_user(parts, call, "user.passkey_removed", user));
    }
    Ok(())
}
