//! What happens, as it happens: from the table, so that nobody who comes back has missed anything.

use super::get::row;
use crate::{Error, service::Inner};
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use proto::{
    engine::{ExecutionEvent, WatchExecutionRequest},
    id::ExecutionId,
    time,
};
use std::{collections::VecDeque, sync::Arc, time::Duration};
use store::{GlobalTx, sql};
use tokio::sync::watch::Receiver;
use tonic::{Status, codegen::BoxStream};

/// How often it is looked for what other processes have written.
const LOOK: Duration = Duration::from_millis(250);

store::row! {
    struct EventRow {
        seq: i64,
        kind: String,
        data: String,
        at: DateTime<Utc>,
    }
}

struct Watcher {
    inner: Arc<Inner>,
    id: ExecutionId,
    after: i64,
    told: Receiver<u64>,
    waiting: VecDeque<ExecutionEvent>,
    is_over: bool,
}

/// Errors: `NOT_FOUND`, the database failed.
pub(crate) async fn watch(
    inner: &Arc<Inner>,
    request: &WatchExecutionRequest,
) -> Result<BoxStream<ExecutionEvent>, Error> {
    let id = super::id(&request.execution_id)?;
    let mut tx = GlobalTx::read(&inner.db).await?;
    row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(tx);
    let watcher = Watcher {
        inner: inner.clone(),
        id,
        after: request.after.max(0),
        told: inner.told.subscribe(),
        waiting: VecDeque::new(),
        is_over: false,
    };
    let events = stream::try_unfold(watcher, |mut watcher| async move {
        let next = watcher.next().await?;
        Ok::<_, Error>(next.map(|event| (event, watcher)))
    });
    Ok(events.map_err(Status::from).boxed())
}

impl Watcher {
    /// The next event; None after the last. Errors: the database failed.
    async fn next(&mut self) -> Result<Option<ExecutionEvent>, Error> {
        let stopping = self.inner.tasks.stopping();
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Ok(Some(event));
            }
            if self.is_over || stopping.is_cancelled() {
                return Ok(None);
            }
            self.told.mark_unchanged();
            if self.read().await? {
                continue;
            }
            tokio::select! {
                _ = self.told.changed() => {}
                () = tokio::time::sleep(LOOK) => {}
                () = stopping.cancelled() => {}
            }
        }
    }

    /// Reads what there is; false if there is nothing new. Errors: the database failed.
    async fn read(&mut self) -> Result<bool, Error> {
        let mut tx = GlobalTx::read(&self.inner.db).await?;
        // The end is read before the events, of which there are none after it.
        let is_finished = row(&mut tx, self.id).await?.is_none_or(|row| row.is_finished());
        let values = [self.id.into(), self.after.into()];
        let rows: Vec<EventRow> = tx.fetch_all(sql!("event/after"), &values).await?;
        drop(tx);
        self.is_over = is_finished && rows.is_empty();
        for row in rows {
            self.after = row.seq;
            self.waiting.push_back(ExecutionEvent {
                seq: row.seq,
                r#type: row.kind,
                at: Some(time::to_proto(row.at)),
                data: Bytes::from(row.data),
            });
        }
        Ok(!self.waiting.is_empty() || self.is_over)
    }
}
