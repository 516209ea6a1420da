//! The keys that sign access tokens, as this process knows them.
//!
//! They are kept in SQL, sealed, and read once a minute, or when a token names a key that is not known. A new key
//! stands in the JWKS long before it signs, so every process has it by then; an old one verifies until the last token
//! that it signed has expired.

use super::rotate;
use crate::{Error, config};
use chrono::{DateTime, TimeDelta, Utc};
use host::Clock;
use jsonwebtoken::{DecodingKey, EncodingKey};
use std::sync::{Arc, PoisonError, RwLock};
use store::{Db, GlobalTx, seal::Sealer};
use tokio::sync::Mutex;

/// How old the keys may be when one is needed to sign.
const FRESH: TimeDelta = TimeDelta::seconds(60);
/// How old they must be before a token with an unknown key makes us look again: tokens with invented ones are free.
const STORM: TimeDelta = TimeDelta::seconds(5);

/// The keys of this installation.
pub(crate) struct Keys {
    db: Db,
    clock: Clock,
    sealer: Sealer,
    policy: rotate::Policy,
    known: RwLock<Arc<Known>>,
    /// Held while reading, so that a crowd reads once.
    reading: Mutex<()>,
}

/// One key.
pub(crate) struct Key {
    pub(crate) kid: String,
    pub(crate) generation: i64,
    /// The 32 bytes of an Ed25519 public key.
    pub(crate) public: Vec<u8>,
    pub(crate) signing: EncodingKey,
    pub(crate) verifying: DecodingKey,
    pub(crate) active_from: DateTime<Utc>,
    retire_at: Option<DateTime<Utc>>,
}

#[derive(Default)]
struct Known {
    read_at: Option<DateTime<Utc>>,
    /// By generation.
    keys: Vec<Arc<Key>>,
}

store::row! {
    struct Stored {
        kid: String,
        generation: i64,
        public_key: Vec<u8>,
        private_key: Vec<u8>,
        active_from: DateTime<Utc>,
        retire_at: Option<DateTime<Utc>>,
    }
}

impl Keys {
    /// The keys in `db`. Nothing is read yet.
    pub(crate) fn new(db: Db, clock: Clock, sealer: Sealer, config: &config::Signing) -> Self {
        let policy = rotate::Policy::new(config);
        Self { db, clock, sealer, policy, known: RwLock::default(), reading: Mutex::default() }
    }

    /// The key that signs now. Errors: [`Error::Store`], [`Error::Seal`].
    pub(crate) async fn signer(&self) -> Result<Arc<Key>, Error> {
        let known = self.younger_than(FRESH).await?;
        signer(&known.keys, self.clock.now()).ok_or_else(|| Error::Internal("there is no signing key".to_owned()))
    }

    /// The key with this id, unless it has retired. Errors: [`Error::Store`] where it had to look and could not.
    pub(crate) async fn verifier(&self, kid: &str) -> Result<Option<Arc<Key>>, Error> {
        let now = self.clock.now();
        if let Some(key) = find(&self.known(), kid, now) {
            return Ok(Some(key));
        }
        Ok(find(&*self.younger_than(STORM).await?, kid, now))
    }

    /// Every key that verifies now or will, the oldest first. Errors: [`Error::Store`] before the first success.
    pub(crate) async fn published(&self) -> Result<Vec<Arc<Key>>, Error> {
        let known = match self.younger_than(FRESH).await {
            Ok(known) => known,
            // Public keys do not turn wrong while the database is away.
            Err(_) if !self.known().keys.is_empty() => self.known(),
            Err(error) => return Err(error),
        };
        let now = self.clock.now();
        Ok(known.keys.iter().filter(|k| !k.is_retired(now)).cloned().collect())
    }

    /// Whether what is stored can be read and opened. Makes no key. Errors: [`Error::Store`], [`Error::Seal`].
    pub(crate) async fn check(&self) -> Result<(), Error> {
        self.read(self.clock.now()).await.map(drop)
    }

    /// Rotates if it is time, and removes retired keys.
    pub(crate) async fn maintain(&self) -> Result<(), Error> {
        let now = self.clock.now();
        self.younger_than(TimeDelta::zero()).await?;
        let mut tx = GlobalTx::begin(&self.db).await?;
        let deleted = tx.execute(store::sql!("signing_key/delete_retired"), &[now.into()]).await?;
        tx.commit().await?;
        if deleted > 0 {
            tracing::info!(deleted, "removed retired signing keys");
        }
        Ok(())
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What is known, read again if it is older than `age`.
    async fn younger_than(&self, age: TimeDelta) -> Result<Arc<Known>, Error> {
        let fresh = |known: &Known| known.read_at.is_some_and(|at| (self.clock.now() - at).abs() < age);
        let known = self.known();
        if fresh(&known) {
            return Ok(known);
        }
        let _one = self.reading.lock().await;
        let known = self.known();
        if fresh(&known) {
            return Ok(known);
        }
        let now = self.clock.now();
        let mut keys = self.read(now).await?;
        if let Some(next) = self.policy.next(&keys, now)? {
            if next.store(&self.db, &self.sealer, now).await? {
                tracing::info!(kid = next.kid(), active_from = %next.active_from(), "made a signing key");
            }
            keys = self.read(now).await?;
        }
        let known = Arc::new(Known { read_at: Some(now), keys });
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&known);
        Ok(known)
    }

    async fn read(&self, now: DateTime<Utc>) -> Result<Vec<Arc<Key>>, Error> {
        let mut tx = GlobalTx::read(&self.db).await?;
        let rows: Vec<Stored> = tx.fetch_all(store::sql!("signing_key/list"), &[now.into()]).await?;
        tx.commit().await?;
        rows.into_iter().map(|row| row.open(&self.sealer).map(Arc::new)).collect()
    }
}

impl Stored {
    fn open(self, sealer: &Sealer) -> Result<Key, Error> {
        let private = sealer.open(&self.private_key, rotate::place(&self.kid).as_bytes())?;
        Ok(Key {
            signing: EncodingKey::from_ed_der(&private),
            verifying: DecodingKey::from_ed_der(&self.public_key),
            kid: self.kid,
            generation: self.generation,
            public: self.public_key,
            active_from: self.active_from,
            retire_at: self.retire_at,
        })
    }
}

impl Key {
    fn is_retired(&self, now: DateTime<Utc>) -> bool {
        self.retire_at.is_some_and(|at| at <= now)
    }
}

/// The newest key whose time has come. The oldest one if none has: the clock of whoever made it is ahead of ours.
fn signer(keys: &[Arc<Key>], now: DateTime<Utc>) -> Option<Arc<Key>> {
    keys.iter().rfind(|k| k.active_from <= now).or_else(|| keys.first()).cloned()
}

fn find(known: &Known, kid: &str, now: DateTime<Utc>) -> Option<Arc<Key>> {
    known.keys.iter().find(|k| k.kid == kid && !k.is_retired(now)).cloned()
}
