//! A feed that tests write.

use proto::feed::{Event, WatchResponse};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering::SeqCst},
    },
    time::Duration,
};
use tonic::{Status, codegen::BoxStream};

/// Events, and how the connection to them fares. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Feed(Arc<Inner>);

#[derive(Default)]
pub(crate) struct Inner {
    events: Mutex<Vec<Event>>,
    last: AtomicI64,
    opened: Mutex<Vec<Option<i64>>>,
    /// Says nothing, but the connection stands.
    pub muted: AtomicBool,
    /// Cannot be opened.
    pub away: AtomicBool,
    /// Streams of an older generation end.
    generation: AtomicU64,
}

impl std::ops::Deref for Feed {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl Feed {
    pub fn emit(&self, kind: &str, workspace: &str, subject: impl Into<String>) {
        let position = self.last.fetch_add(1, SeqCst) + 1;
        let event = Event {
            position,
            kind: kind.to_owned(),
            workspace_id: workspace.to_owned(),
            subject: subject.into(),
            ..Event::default()
        };
        self.events.lock().unwrap().push(event);
    }

    /// Ends the streams that are open.
    pub fn cut(&self) {
        self.generation.fetch_add(1, SeqCst);
    }

    /// From where it was opened, each time.
    pub fn opened(&self) -> Vec<Option<i64>> {
        self.opened.lock().unwrap().clone()
    }

    pub fn watch(&self, after: Option<i64>) -> Result<BoxStream<WatchResponse>, Status> {
        if self.away.load(SeqCst) {
            return Err(Status::unavailable("away"));
        }
        self.opened.lock().unwrap().push(after);
        let position = after.unwrap_or_else(|| self.last.load(SeqCst));
        let (feed, generation) = (self.clone(), self.generation.load(SeqCst));
        Ok(Box::pin(futures::stream::unfold(position, move |position| {
            let feed = feed.clone();
            async move { feed.next(position, generation).await.map(|(batch, position)| (Ok(batch), position)) }
        })))
    }

    async fn next(&self, position: i64, generation: u64) -> Option<(WatchResponse, i64)> {
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if self.generation.load(SeqCst) != generation {
                return None;
            }
            if self.muted.load(SeqCst) {
                continue;
            }
            let events: Vec<_> =
                self.events.lock().unwrap().iter().filter(|e| e.position > position).cloned().collect();
            let position = events.last().map_or(position, |e| e.position);
            return Some((WatchResponse { events, position }, position));
        }
    }
}
