//! Stands still at a commit, so that a test can kill or cancel what it tests between any two of them.

use std::{
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
};
use tokio::sync::Notify;

/// At which side of a commit it stands still.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Nothing of the transaction is there yet.
    Before,
    /// All of it is there, and whoever commits has not heard of it.
    After,
}

/// Counts commits, and from one of them on lets none go on. See [`crate::Db::stop_at`].
pub struct Breakpoint {
    side: Side,
    seen: AtomicUsize,
    /// 0: none stands still.
    at: AtomicUsize,
    reached: Notify,
    released: Notify,
}

impl Breakpoint {
    /// One where nothing stands still yet.
    pub const fn new(side: Side) -> Self {
        let (seen, at) = (AtomicUsize::new(0), AtomicUsize::new(0));
        Self { side, seen, at, reached: Notify::const_new(), released: Notify::const_new() }
    }

    /// The `number`th commit from now on, and all after it, stand still.
    pub fn stop_at(&self, number: usize) {
        self.seen.store(0, SeqCst);
        self.at.store(number, SeqCst);
    }

    /// Waits until a commit stands still.
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    /// Lets all go on.
    pub fn release(&self) {
        self.at.store(0, SeqCst);
        self.released.notify_waiters();
    }

    pub(crate) async fn pass(&self, side: Side) {
        if side != self.side {
            return;
        }
        let number = self.seen.fetch_add(1, SeqCst) + 1;
        loop {
            let mut released = pin!(self.released.notified());
            released.as_mut().enable();
            let at = self.at.load(SeqCst);
            if at == 0 || number < at {
                return;
            }
            self.reached.notify_one();
            released.await;
        }
    }
}
