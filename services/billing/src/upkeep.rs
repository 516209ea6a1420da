//! What happens without a request.

use crate::{Billing, plan::publish, subscription::due};
use chrono::TimeDelta;
use host::Tasks;
use std::{sync::atomic::Ordering, time::Duration};
use store::outbox;

const DUE: Duration = Duration::from_secs(1);
const EVENTS: Duration = Duration::from_secs(3600);
/// Who follows the feed and was away for longer has missed events.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Starts it. It may run in several processes at once.
pub(crate) fn start(service: &Billing, tasks: &Tasks) {
    let of = service.clone();
    tasks.every("billing.due", DUE, move || {
        let service = of.clone();
        async move {
            if !service.is_seeded.load(Ordering::Relaxed) {
                seed(&service).await;
            }
            if let Err(error) = due::round(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "subscriptions that are due were not looked for");
            }
        }
    });
    let of = service.clone();
    tasks.every("billing.events", EVENTS, move || {
        let service = of.clone();
        async move {
            if let Err(error) = outbox::prune(&service.db, service.clock.now() - EVENTS_KEPT).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "old events were not removed");
            }
        }
    });
}

async fn seed(service: &Billing) {
    match publish::seed(service).await {
        Ok(()) => service.is_seeded.store(true, Ordering::Relaxed),
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the plans of the configuration were not published yet");
        }
    }
}
