//! What happens without a request or an event.

use crate::{Workspace, answer, audit, invitation, response, webhook, workspace};
use chrono::TimeDelta;
use host::Tasks;
use std::time::Duration;
use store::{outbox, replay};

const LETTERS: Duration = Duration::from_secs(1);
const WEBHOOKS: Duration = Duration::from_millis(500);
const ANSWERS: Duration = Duration::from_secs(3600);
const PURGE: Duration = Duration::from_secs(10);
const CHAIN: Duration = Duration::from_secs(3600);
const EVENTS: Duration = Duration::from_secs(3600);
/// Who follows the feed and was away for longer has missed events.
const EVENTS_KEPT: TimeDelta = TimeDelta::days(90);

/// Starts it. It may run in several processes at once.
pub(crate) fn start(service: &Workspace, tasks: &Tasks) {
    let of = service.clone();
    tasks.every("workspace.letters", LETTERS, move || {
        let service = of.clone();
        async move {
            if let Err(error) = invitation::post::round(&service).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "invitations were not sent");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.webhooks", WEBHOOKS, move || {
        let service = of.clone();
        async move {
            if let Err(error) = webhook::work::begin(&service).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "nothing was sent to webhooks");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.waiting", mail::waiting::EVERY, move || {
        let service = of.clone();
        async move {
            if let Err(error) = invitation::post::show(&service).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "letters that wait were not counted");
            }
            if let Err(error) = webhook::prune::give_up(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "too much waits for webhooks, and was not given up");
            }
            if let Err(error) = webhook::show::show(&service).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "what waits for webhooks was not counted");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.answers", ANSWERS, move || {
        let service = of.clone();
        async move {
            // The next round tries again: a warning is all that is needed.
            if let Err(error) = replay::prune(&service.db, service.clock.now()).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "answers that are not given again were not removed");
            }
            if let Err(error) = answer::prune::prune(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "answers of models that are not given again were not removed");
            }
            if let Err(error) = invitation::prune::prune(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "invitations whose time is long over were not removed");
            }
            if let Err(error) = response::prune::prune(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "responses whose days are over were not removed");
            }
            if let Err(error) = webhook::prune::prune(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "what was sent to webhooks long ago was not removed");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.purge", PURGE, move || {
        let service = of.clone();
        async move {
            if let Err(error) = workspace::purge::round(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "workspaces whose days of grace are over were not all erased");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.audit_chain", CHAIN, move || {
        let service = of.clone();
        async move {
            if let Err(error) = audit::rest::chain(&service).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "entries of audit trails that an earlier release wrote were not chained");
            }
        }
    });
    let of = service.clone();
    tasks.every("workspace.events", EVENTS, move || {
        let service = of.clone();
        async move {
            if let Err(error) = outbox::prune(&service.db, service.clock.now() - EVENTS_KEPT).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "old events were not removed");
            }
        }
    });
}
