//! Durable by group commit: whoever asks while a transaction runs shares the next one.

use super::{Shared, queue::Item};
use crate::{Error, event::Event, fold::Folded};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Events that may wait. More would not be answered in time anyway.
const MAX_WAITING: usize = 50_000;

/// Waits until `event` is in SQL. Errors: [`Error::LedgerAway`].
///
/// Who stops waiting for an admission takes it back: the drain sees that nobody listens any more.
pub(super) async fn commit(shared: &Arc<Shared>, event: Event) -> Result<Folded, Error> {
    let (waiter, folded) = oneshot::channel();
    {
        let mut queue = shared.queue();
        if queue.len() >= MAX_WAITING {
            return Err(Error::LedgerAway);
        }
        queue.push(Item { event, sequence: None, bytes: 0, waiter: Some(waiter) });
    }
    shared.urgent.notify_one();
    shared.kick();
    match tokio::time::timeout(shared.config.commit_timeout(), folded).await {
        Ok(Ok(folded)) => Ok(folded),
        Ok(Err(_)) | Err(_) => Err(Error::LedgerAway),
    }
}
