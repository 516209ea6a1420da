//! What happens, numbered without gaps: written in the transaction that makes it true, read by whoever watches.

use crate::Error;
use chrono::{DateTime, Utc};
use proto::id::ExecutionId;
use serde_json::Value;
use store::{GlobalTx, sql};

/// Something that happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    /// Such as `agent.finished`.
    pub kind: &'static str,
    /// An object.
    pub data: Value,
}

impl Event {
    pub(crate) const fn new(kind: &'static str, data: Value) -> Self {
        Self { kind, data }
    }
}

/// The number that the statement before has taken for the last of its events. Errors: the database failed.
pub(crate) async fn next(tx: &mut GlobalTx, id: ExecutionId) -> Result<i64, Error> {
    let (last,): (i64,) = tx.fetch_one(sql!("execution/position"), &[id.into()]).await?;
    Ok(last)
}

/// Writes events, of which the last has the number `last`. Errors: the database failed.
pub(crate) async fn write(
    tx: &mut GlobalTx,
    id: ExecutionId,
    last: i64,
    events: &[Event],
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let first = last - i64::try_from(events.len()).unwrap_or(0) + 1;
    for (seq, event) in (first..).zip(events) {
        let values = [id.into(), seq.into(), event.kind.into(), event.data.to_string().into(), now.into()];
        tx.execute(sql!("event/insert"), &values).await?;
    }
    Ok(())
}
