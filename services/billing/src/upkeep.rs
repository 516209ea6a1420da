//! What happens without a request.

use crate::{
    Billing, invoice, notification,
    payment::{disputes, reconcile},
    plan::publish,
};
use chrono::TimeDelta;
use host::Tasks;
use proto::{
    billing::{Difference, ReconcileRequest},
    time::to_proto,
};
use std::{sync::atomic::Ordering, time::Duration};
use store::outbox;

const DUE: Duration = Duration::from_secs(1);
const EVENTS: Duration = Duration::from_secs(3600);
const RECONCILE: Duration = Duration::from_secs(3600);
/// A boleto of a Friday comes on a Tuesday.
const RECONCILED: TimeDelta = TimeDelta::days(7);
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
            if let Err(error) = service.advance_books().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "what is due was not looked for");
            }
        }
    });
    let of = service.clone();
    tasks.every("billing.providers", DUE, move || {
        let service = of.clone();
        async move {
            if let Err(error) = service.ask_providers().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "payments were not looked after");
            }
        }
    });
    let of = service.clone();
    tasks.every("billing.letters", DUE, move || {
        let service = of.clone();
        async move {
            if let Err(error) = service.send_letters().await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "letters were not sent");
            }
        }
    });
    let of = service.clone();
    tasks.every("billing.waiting", mail::waiting::EVERY, move || {
        let service = of.clone();
        async move {
            for counted in [
                invoice::letter::post::show(&service).await,
                notification::look::show(&service).await,
                disputes::show(&service).await,
            ] {
                if let Err(error) = counted {
                    tracing::warn!(error = &error as &dyn std::error::Error, "what waits was not counted");
                }
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
            if let Err(error) = notification::look::prune(&service).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "old notifications were not removed");
            }
        }
    });
    let of = service.clone();
    tasks.every("billing.reconcile", RECONCILE, move || {
        let service = of.clone();
        async move { reconcile(&service).await }
    });
}

/// What was missed is made up for, and what nobody can explain is told to whoever reads logs.
async fn reconcile(service: &Billing) {
    let from = Some(to_proto(service.clock.now() - RECONCILED));
    match reconcile::reconcile(service, ReconcileRequest { from, to: None }).await {
        Ok(found) => {
            for Difference { provider, reference, kind, .. } in found.differences.iter().filter(|one| !one.is_explained)
            {
                tracing::error!(provider, reference, kind, "money that the provider and the ledger do not agree on");
            }
        }
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "the ledger was not compared with the providers of payments");
        }
    }
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
