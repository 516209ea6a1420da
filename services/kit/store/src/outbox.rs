//! Changes that others must hear of, written in the transaction that makes them, and read as a feed in commit order.
//!
//! A service puts the line `-- include: outbox` into a migration of each database (`ddl/outbox.*.sql` is what it
//! stands for), calls [`Tx::emit`] in its transactions and starts one [`Feed`] per process, from which its `Watch` rpc
//! is answered. Rows stay until [`prune`] is called: a reader that was away for a week continues where it was.

mod reader;
mod watch;

pub use reader::Feed;

use crate::{Db, Error, SystemTx, Tx, Value, sql};
use chrono::{DateTime, Utc};
use proto::{
    Call, feed,
    id::{EventId, UserId, WorkspaceId},
};
use sha2::{Digest as _, Sha256};

/// The table of the outbox on PostgreSQL, to which `-- include: outbox` expands. Frozen: it is part of migrations.
pub const POSTGRES: &str = include_str!("../ddl/outbox.pg.sql");

/// The table of the outbox on SQLite.
pub const SQLITE: &str = include_str!("../ddl/outbox.sqlite.sql");

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Stays the same however often it is delivered.
    pub id: EventId,
    /// `<noun>.<verb in the past>`: `api_key.revoked`.
    pub kind: &'static str,
    /// The workspace that it belongs to; none for global things such as users and sessions.
    pub workspace: Option<WorkspaceId>,
    /// The id of the thing that it happened to.
    pub subject: String,
    /// Who did it, as [`Call::actor`] names them.
    pub actor: String,
    /// The operator of the platform who acted for them, if one did. In the payload it is `impersonator`.
    pub impersonator: Option<UserId>,
    /// When, by the clock of the service.
    pub at: DateTime<Utc>,
    /// The request that caused it; empty for background work.
    pub request_id: String,
    /// Facts for readers of this kind, a JSON object. Never a secret.
    pub payload: serde_json::Value,
}

crate::row! {
    /// One row of the outbox.
    struct EventRow {
        position: i64,
        id: EventId,
        kind: String,
        workspace_id: Option<WorkspaceId>,
        subject: String,
        actor: String,
        at: DateTime<Utc>,
        request_id: String,
        payload: String,
    }
}

impl Event {
    /// What `call` did to `subject` in its workspace, with an empty payload.
    pub fn of(call: &Call, id: EventId, at: DateTime<Utc>, kind: &'static str, subject: impl ToString) -> Self {
        Self {
            id,
            kind,
            workspace: call.workspace,
            subject: subject.to_string(),
            actor: call.actor(),
            impersonator: call.impersonation.map(|acting| acting.operator),
            at,
            request_id: call.request_id.to_string(),
            payload: serde_json::json!({}),
        }
    }

    /// The payload as others read it: with whoever acted for the actor, whatever else it says.
    pub fn told(&self) -> String {
        let mut payload = self.payload.clone();
        if let (Some(operator), Some(facts)) = (self.impersonator, payload.as_object_mut()) {
            facts.insert("impersonator".to_owned(), operator.to_string().into());
        }
        payload.to_string()
    }
}

/// Deletes events from before `before`, except for the newest one, and says how many. Choose a time that every reader
/// who keeps its position has long passed. Errors: why the statement failed.
pub async fn prune(db: &Db, before: DateTime<Utc>) -> Result<u64, Error> {
    let mut tx = SystemTx::begin(db, "prune the outbox").await?;
    let deleted = tx.execute(sql!("outbox/prune"), &[before.into()]).await?;
    tx.commit().await?;
    Ok(deleted)
}

/// Writes the events of a transaction that is about to commit.
pub(crate) async fn write(tx: &mut Tx, events: &[Event]) -> Result<(), Error> {
    for event in events {
        let mut values: Vec<Value> = vec![
            event.id.into(),
            event.kind.into(),
            event.workspace.into(),
            event.subject.as_str().into(),
            event.actor.as_str().into(),
            event.at.into(),
            event.request_id.as_str().into(),
            event.told().into(),
        ];
        if !tx.db().is_sqlite() {
            values.push(lock_key(tx.db().schema().name).into());
        }
        tx.execute(sql!(pair "outbox/insert"), &values).await?;
    }
    Ok(())
}

/// Advisory locks are numbers of the whole database.
pub(crate) fn lock_key(name: &str) -> i64 {
    let digest: [u8; 32] = Sha256::digest(format!("perpetuo {name}")).into();
    let (head, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
    i64::from_be_bytes(*head)
}

/// At most `limit` events after `position`, in order.
async fn after(db: &Db, position: i64, limit: i64) -> Result<Vec<feed::Event>, Error> {
    let mut tx = SystemTx::read(db, "read the outbox").await?;
    let rows: Vec<EventRow> = tx.fetch_all(sql!("outbox/after"), &[position.into(), limit.into()]).await?;
    tx.commit().await?;
    Ok(rows.into_iter().map(Into::into).collect())
}

/// The position of the newest event; 0 when there never was one.
async fn head(db: &Db) -> Result<i64, Error> {
    let mut tx = SystemTx::read(db, "read the outbox").await?;
    let (position,) = tx.fetch_one(sql!("outbox/head"), &[]).await?;
    tx.commit().await?;
    Ok(position)
}

impl From<EventRow> for feed::Event {
    fn from(row: EventRow) -> Self {
        Self {
            position: row.position,
            id: row.id.to_string(),
            kind: row.kind,
            workspace_id: row.workspace_id.map(|w| w.to_string()).unwrap_or_default(),
            subject: row.subject,
            actor: row.actor,
            at: Some(proto::time::to_proto(row.at)),
            request_id: row.request_id,
            payload: row.payload,
        }
    }
}
