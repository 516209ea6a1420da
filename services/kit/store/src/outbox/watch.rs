//! One watcher of a feed: from SQL until it has caught up, then from the shared reader.

use super::reader::{BATCH, Batch, PERIOD};
use crate::{Db, Error};
use futures::stream::{self, BoxStream, StreamExt as _};
use proto::feed::WatchResponse;
use std::sync::Arc;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch as latest,
};
use tokio_util::sync::CancellationToken;
use tonic::Status;

struct Watcher {
    db: Db,
    batches: broadcast::Receiver<Arc<Batch>>,
    /// Everything up to here was delivered.
    position: i64,
    /// Something between `position` and the next batch may only be in SQL.
    behind: bool,
}

pub(super) fn stream(
    db: Db,
    head: latest::Receiver<Option<i64>>,
    batches: Option<broadcast::Sender<Arc<Batch>>>,
    after: Option<i64>,
    stop: CancellationToken,
) -> BoxStream<'static, Result<WatchResponse, Status>> {
    // The reader has ended: so has the feed.
    let Some(sender) = batches else { return stream::empty().boxed() };
    // Before anything is read, so that nothing falls in between.
    let batches = sender.subscribe();
    drop(sender);
    stream::once(open(db, head, batches, after))
        .filter_map(std::future::ready)
        .flat_map(|watcher| stream::unfold(watcher, |mut w| async { w.next().await.map(|r| (Ok(r), w)) }))
        .take_until(stop.cancelled_owned())
        .boxed()
}

async fn open(
    db: Db,
    mut head: latest::Receiver<Option<i64>>,
    batches: broadcast::Receiver<Arc<Batch>>,
    after: Option<i64>,
) -> Option<Watcher> {
    // Without a database there is nothing to say yet; the reader is trying.
    let head = (*head.wait_for(Option::is_some).await.ok()?)?;
    let position = match after {
        // Ours may be late by a tick: another replica may have delivered more than we have seen.
        Some(after) if after > head => after.min(end(&db).await),
        after => after.unwrap_or(head),
    };
    Some(Watcher { db, batches, position, behind: position < head })
}

/// The end of the feed, however long it takes to learn.
async fn end(db: &Db) -> i64 {
    loop {
        match super::head(db).await {
            Ok(head) => return head,
            Err(_) => tokio::time::sleep(PERIOD).await,
        }
    }
}

impl Watcher {
    /// The next batch; none when the feed has ended.
    async fn next(&mut self) -> Option<WatchResponse> {
        loop {
            if self.behind {
                match self.catch_up().await {
                    Ok(Some(response)) => return Some(response),
                    Ok(None) => self.behind = false,
                    // The reader tells of it; an outage ends nothing.
                    Err(_) => tokio::time::sleep(PERIOD).await,
                }
                continue;
            }
            match self.batches.recv().await {
                Ok(batch) if batch.after > self.position => self.behind = true,
                Ok(batch) => {
                    if let Some(response) = self.rest(&batch) {
                        return Some(response);
                    }
                }
                Err(RecvError::Lagged(_)) => self.behind = true,
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// A batch from SQL; none when there is nothing more.
    async fn catch_up(&mut self) -> Result<Option<WatchResponse>, Error> {
        let events = super::after(&self.db, self.position, BATCH).await?;
        let Some(last) = events.last() else { return Ok(None) };
        self.position = last.position;
        Ok(Some(WatchResponse { position: self.position, events }))
    }

    /// What of a shared batch was not delivered yet; none when all of it was.
    fn rest(&mut self, batch: &Batch) -> Option<WatchResponse> {
        let mut response = batch.response.clone();
        if response.position < self.position {
            return None;
        }
        let beat = response.events.is_empty();
        response.events.retain(|e| e.position > self.position);
        self.position = response.position;
        (beat || !response.events.is_empty()).then_some(response)
    }
}
