//! Answers that are given again when a client repeats a request under the same `Idempotency-Key`.
//!
//! A service puts the line `-- include: replay` into a migration of each database (`ddl/replay.*.sql` is what it stands
//! for). A verb that creates something calls [`claim`] before anything else in its transaction and [`Place::keep`]
//! after everything else, so that what it makes and its answer commit together, and a request that fails keeps nothing.

use crate::{
    Db, GlobalTx, Tx, Value, seal,
    seal::{
        Sealer,
        rotate::{Column, Part},
    },
    sql,
};
use chrono::{DateTime, TimeDelta, Utc};
use prost::Message;
use proto::{Call, Failure, Reason, id::WorkspaceId};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The table of kept answers on PostgreSQL, to which `-- include: replay` expands. Frozen: it is part of migrations.
pub const POSTGRES: &str = include_str!("../ddl/replay.pg.sql");

/// The table of kept answers on SQLite.
pub const SQLITE: &str = include_str!("../ddl/replay.sqlite.sql");

/// For how long an answer is given again.
pub const KEPT: TimeDelta = TimeDelta::hours(24);

const DIGEST: usize = 32;

/// A request that its client may repeat.
#[derive(Debug)]
pub struct Request {
    principal: String,
    operation: &'static str,
    key_sha256: [u8; DIGEST],
    /// Of the message. It is kept sealed: a weak secret in a message could be guessed from it.
    digest: [u8; DIGEST],
}

/// What [`claim`] found.
#[derive(Debug)]
pub enum Claim<A> {
    /// The request was answered before: this is the answer.
    Kept(A),
    /// It is new. Its answer goes to this place.
    New(Place),
}

/// Where the answer of a new request is kept; nowhere if its client sent no key.
#[derive(Debug)]
#[must_use = "an answer that is not kept cannot be given again"]
pub struct Place(Option<Request>);

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The key came with another request before.
    #[error("this Idempotency-Key was used with another request: send a new key with a new request")]
    Mismatch,
    /// The kept answer does not open.
    #[error(transparent)]
    Seal(#[from] seal::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] crate::Error),
}

/// The answers as what the master key seals; [`place_of`] knows where, by the service's schema.
pub const fn sealed(place: fn(&[Value]) -> Vec<u8>) -> Column {
    let key = &[("principal", Part::Text), ("operation", Part::Text), ("key_sha256", Part::Bytes)];
    Column { table: "replays", name: "answer", key, place }
}

/// What the answer of a row is sealed for, in this schema.
pub fn place_of(schema: &str, key: &[Value]) -> Vec<u8> {
    match key {
        [Value::Text(Some(principal)), Value::Text(Some(operation)), Value::Blob(Some(key_sha256))] => {
            place(schema, principal, operation, key_sha256)
        }
        _ => vec![],
    }
}

fn place(schema: &str, principal: &str, operation: &str, key_sha256: &[u8]) -> Vec<u8> {
    format!("{schema}/replays/{principal}/{operation}/{}", hex::encode(key_sha256)).into_bytes()
}

impl Request {
    /// What `call` asks for with `message`; none if its client sent no key. `workspace` is the one in which the
    /// operation works, none where it works in none: the same message is another request in another workspace.
    pub fn of(
        call: &Call,
        operation: &'static str,
        workspace: Option<WorkspaceId>,
        message: &impl Message,
    ) -> Option<Self> {
        let key = call.idempotency_key.as_deref()?;
        let message = Zeroizing::new(message.encode_to_vec());
        let workspace = workspace.map(|id| id.to_string()).unwrap_or_default();
        let digest = Sha256::new().chain_update(workspace).chain_update([0]).chain_update(&*message).finalize();
        let key_sha256 = Sha256::digest(key).into();
        Some(Self { principal: call.actor(), operation, key_sha256, digest: digest.into() })
    }

    fn columns(&self) -> [Value; 3] {
        [self.principal.as_str().into(), self.operation.into(), self.key_sha256.as_slice().into()]
    }

    /// What an answer is sealed for: copied to another row or service it does not open.
    fn place(&self, tx: &Tx) -> Vec<u8> {
        let Self { principal, operation, key_sha256, .. } = self;
        place(tx.db().schema().name, principal, operation, key_sha256)
    }

    /// The answer in `sealed`. Errors: [`Error::Mismatch`], [`Error::Seal`].
    fn open<A: Message + Default>(&self, tx: &Tx, sealer: &Sealer, sealed: &[u8]) -> Result<A, Error> {
        let opened = sealer.open(sealed, &self.place(tx))?;
        let (digest, answer) = opened.split_at_checked(DIGEST).ok_or(seal::Error::Damaged)?;
        if digest != self.digest {
            return Err(Error::Mismatch);
        }
        Ok(A::decode(answer).map_err(|_| seal::Error::Damaged)?)
    }
}

/// Forgets what was answered to one principal, who is gone. Errors: the database failed.
pub async fn forget(tx: &mut Tx, principal: &str) -> Result<u64, crate::Error> {
    tx.execute(sql!("replay/forget"), &[principal.into()]).await
}

/// Finds the answer of a request that came before, or takes the place for it. Of two at once the second waits until the
/// first has committed, and is answered like it. Errors: [`Error::Mismatch`], [`Error::Seal`], [`Error::Store`].
pub async fn claim<A: Message + Default>(
    tx: &mut Tx,
    sealer: &Sealer,
    request: Option<Request>,
    now: DateTime<Utc>,
) -> Result<Claim<A>, Error> {
    let Some(request) = request else { return Ok(Claim::New(Place(None))) };
    let mut values = request.columns().to_vec();
    values.extend([Vec::new().into(), now.into(), (now - KEPT).into()]);
    if tx.execute(sql!("replay/claim"), &values).await? > 0 {
        return Ok(Claim::New(Place(Some(request))));
    }
    let (sealed,): (Vec<u8>,) = tx.fetch_one(sql!("replay/find"), &request.columns()).await?;
    request.open(tx, sealer, &sealed).map(Claim::Kept)
}

impl Place {
    /// Keeps the answer, in the transaction that took the place. Errors: the database failed.
    pub async fn keep(self, tx: &mut Tx, sealer: &Sealer, answer: &impl Message) -> Result<(), crate::Error> {
        let Some(request) = self.0 else { return Ok(()) };
        let answer = Zeroizing::new(answer.encode_to_vec());
        let plain = Zeroizing::new([&request.digest[..], &answer].concat());
        let mut values = request.columns().to_vec();
        values.push(sealer.seal(&plain, &request.place(tx)).into());
        tx.execute(sql!("replay/keep"), &values).await.map(drop)
    }
}

/// Deletes answers that are not given again any more, and says how many. Errors: the database failed.
pub async fn prune(db: &Db, now: DateTime<Utc>) -> Result<u64, crate::Error> {
    let mut tx = GlobalTx::begin(db).await?;
    let deleted = tx.execute(sql!("replay/prune"), &[(now - KEPT).into()]).await?;
    tx.commit().await?;
    Ok(deleted)
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Mismatch => Reason::IdempotencyMismatch.with(error.to_string()),
            Error::Seal(error) => error.into(),
            Error::Store(error) => error.into(),
        }
    }
}
