//! Has the client heard nothing for too long?

use std::{pin::Pin, time::Duration};
use tokio::time::{Instant, Sleep, sleep_until};

/// What a client hears in place of silence: a comment, which every reader of events skips.
pub(crate) const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// Watches for silence. The timer is moved only when it fires, because moving it for each chunk costs more than
/// the chunk.
pub(crate) struct Silence {
    every: Duration,
    since: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl Silence {
    pub(crate) fn new(every: Duration) -> Self {
        let since = Instant::now();
        Self { every, since, alarm: Box::pin(sleep_until(since + every)) }
    }

    /// The client hears something now.
    pub(crate) fn broken(&mut self) {
        self.since = Instant::now();
    }

    /// Waits until nothing was heard for the whole period, and begins the next one.
    pub(crate) async fn passed(&mut self) {
        loop {
            self.alarm.as_mut().await;
            let due = self.since + self.every;
            if Instant::now() >= due {
                self.since = Instant::now();
                self.alarm.as_mut().reset(self.since + self.every);
                return;
            }
            self.alarm.as_mut().reset(due);
        }
    }
}
