//! When is a new signing key made, and from when does it sign?

use super::{keys::Key, sign};
use crate::{Error, config};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use chrono::{DateTime, TimeDelta, Utc};
use std::sync::Arc;
use store::{Db, GlobalTx, seal::Sealer};
use zeroize::Zeroizing;

/// Beyond the life of its last token a key verifies for so long: clocks of several machines differ.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// The rhythm of rotation.
pub(super) struct Policy {
    rotate: TimeDelta,
    publish: TimeDelta,
}

/// A key to be stored.
pub(super) struct Next {
    kid: String,
    generation: i64,
    public: Vec<u8>,
    /// PKCS#8 version 1: the only one from which jsonwebtoken signs and derives.
    private: Zeroizing<Vec<u8>>,
    active_from: DateTime<Utc>,
}

/// What a private key is sealed for.
pub(crate) fn place(kid: &str) -> String {
    format!("identity/signing_keys/private_key/{kid}")
}

impl Policy {
    pub(super) fn new(config: &config::Signing) -> Self {
        Self {
            rotate: TimeDelta::days(i64::from(config.rotate_days)),
            publish: TimeDelta::minutes(i64::from(config.publish_minutes)),
        }
    }

    /// The key to make now, if any: the first one signs at once, each other one after it was published for a while.
    pub(super) fn next(&self, keys: &[Arc<Key>], now: DateTime<Utc>) -> Result<Option<Next>, Error> {
        let Some(newest) = keys.last() else { return Next::generate(1, now).map(Some) };
        if now < newest.active_from + self.rotate - self.publish {
            return Ok(None);
        }
        Next::generate(newest.generation + 1, now + self.publish).map(Some)
    }
}

impl Next {
    fn generate(generation: i64, active_from: DateTime<Utc>) -> Result<Self, Error> {
        let failed = |what: &str| Error::Internal(format!("{what} of an Ed25519 key failed"));
        let document = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).map_err(|_| failed("making"))?;
        let private = Zeroizing::new(document.as_ref().to_vec());
        let pair = Ed25519KeyPair::from_pkcs8(&private).map_err(|_| failed("reading"))?;
        let kid = hex::encode(rand::random::<[u8; 12]>());
        Ok(Self { kid, generation, public: pair.public_key().as_ref().to_vec(), private, active_from })
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) const fn active_from(&self) -> DateTime<Utc> {
        self.active_from
    }

    /// Stores it, and says when the ones before it retire. False if another process was faster.
    pub(super) async fn store(&self, db: &Db, sealer: &Sealer, now: DateTime<Utc>) -> Result<bool, Error> {
        let sealed = sealer.seal(&self.private, place(&self.kid).as_bytes());
        let mut tx = GlobalTx::begin(db).await?;
        let values = [
            self.kid.as_str().into(),
            self.generation.into(),
            self.public.as_slice().into(),
            sealed.into(),
            now.into(),
            self.active_from.into(),
        ];
        let made = tx.execute(store::sql!("signing_key/insert"), &values).await? > 0;
        if made {
            let retire_at = self.active_from + TimeDelta::seconds(i64::from(sign::LIFETIME_SECONDS)) + MARGIN;
            let values = [self.generation.into(), retire_at.into()];
            tx.execute(store::sql!("signing_key/retire_older"), &values).await?;
        }
        tx.commit().await?;
        Ok(made)
    }
}
