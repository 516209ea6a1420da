//! One reader of the outbox per process and service, however many watch.

use super::watch;
use crate::{Db, Error};
use futures::stream::BoxStream;
use proto::feed::WatchResponse;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{broadcast, watch as latest},
    time::{MissedTickBehavior, interval, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tonic::Status;

/// How often the outbox is read, and how often watchers hear that there is nothing new.
pub const PERIOD: Duration = Duration::from_millis(200);

/// Events in a batch, at most.
pub(super) const BATCH: i64 = 500;

/// Batches that a slow watcher may be behind before it reads from SQL.
const BACKLOG: usize = 32;

/// How long one look may take before it counts as failed.
const PATIENCE: Duration = Duration::from_secs(3);

/// The feed of a service, as its `Watch` rpc offers it. Clones share the reader.
#[derive(Clone)]
pub struct Feed {
    db: Db,
    /// Where the feed ends; nothing before the first successful look.
    head: latest::Receiver<Option<i64>>,
    batches: broadcast::WeakSender<Arc<Batch>>,
    stop: CancellationToken,
}

/// What one look at the outbox found. Without events it is the heartbeat.
#[derive(Debug)]
pub(super) struct Batch {
    /// Nothing lies between this position and the first event.
    pub(super) after: i64,
    pub(super) response: WatchResponse,
}

impl Feed {
    /// Starts the reader on `tasks`; it ends with `stop`, and so do all streams.
    pub fn start(db: Db, stop: CancellationToken, tasks: &TaskTracker) -> Self {
        let (sender, _) = broadcast::channel(BACKLOG);
        let (head, receiver) = latest::channel(None);
        let feed = Self { db: db.clone(), head: receiver, batches: sender.downgrade(), stop: stop.clone() };
        tasks.spawn(async move {
            // The sender ends with this task, and with it the streams.
            let reader = Reader { db, sender, head, well: true };
            let _ = stop.run_until_cancelled_owned(reader.run()).await;
        });
        feed
    }

    /// Batches of at most 500 events after `after` (absent: from now on), in commit order, each event exactly once per
    /// stream; and a batch without events every 200 ms, as long as the database answers. A position beyond the end of
    /// the feed (the database was restored from a backup) starts at its end: the first batch says where that is.
    pub fn watch(&self, after: Option<i64>) -> BoxStream<'static, Result<WatchResponse, Status>> {
        watch::stream(self.db.clone(), self.head.clone(), self.batches.upgrade(), after, self.stop.clone())
    }
}

struct Reader {
    db: Db,
    sender: broadcast::Sender<Arc<Batch>>,
    head: latest::Sender<Option<i64>>,
    /// Whether the last look succeeded: an outage is logged once.
    well: bool,
}

impl Reader {
    async fn run(mut self) {
        let mut tick = interval(PERIOD);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // A commit in this process wakes us at once; commits elsewhere are found at the next tick.
            let beat = tokio::select! {
                _ = tick.tick() => true,
                () = self.emitted() => false,
            };
            let looked = timeout(PATIENCE, self.look(beat)).await.unwrap_or_else(|_| Err(slow()));
            match looked {
                Ok(()) => self.well = true,
                Err(error) if self.well => {
                    self.well = false;
                    let schema = self.db.schema().name;
                    tracing::warn!(schema, %error, "outbox cannot be read; watchers get no heartbeat until it can");
                }
                Err(_) => {}
            }
        }
    }

    async fn emitted(&self) {
        self.db.emitted().notified().await;
    }

    async fn look(&self, beat: bool) -> Result<(), Error> {
        let Some(mut position) = *self.head.borrow() else {
            let position = super::head(&self.db).await?;
            self.publish(position, position, vec![]);
            return Ok(());
        };
        loop {
            let events = super::after(&self.db, position, BATCH).await?;
            let full = i64::try_from(events.len()).is_ok_and(|n| n == BATCH);
            let to = events.last().map_or(position, |e| e.position);
            if beat || to > position {
                self.publish(position, to, events);
            }
            position = to;
            if !full {
                return Ok(());
            }
        }
    }

    fn publish(&self, after: i64, position: i64, events: Vec<proto::feed::Event>) {
        self.head.send_replace(Some(position));
        // Nobody watching is no failure.
        let _ = self.sender.send(Arc::new(Batch { after, response: WatchResponse { events, position } }));
    }
}

fn slow() -> Error {
    Error::Unavailable { place: "the outbox".to_owned(), source: "it took longer than three seconds".into() }
}
