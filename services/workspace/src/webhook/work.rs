//! Sends what is due.
//!
//! A webhook is one process's for a while (`claimed_until`), which sends it one event after the other. So an event goes to it in the
//! order in which things happened as long as none fails, and one that answers slowly keeps no more than one place busy. Of the places
//! of a process, those that fail have at most half.

use super::{attempt, schedule, settle};
use crate::{Workspace, error::Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{WebhookId, WorkspaceId};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{SystemTx, WorkspaceTx, sql};
use tokio::{sync::Semaphore, task::JoinHandle};

/// Webhooks that a process sends to at once, and how many of them may be such that fail.
const PLACES: usize = 32;
const PLACES_OF_FAILING: usize = 16;
/// After so long a webhook goes to the end of the queue.
const TURN: Duration = Duration::from_secs(20);
/// For so long it is one process's: a turn, and an attempt that began at its end. Then another takes over from one that was killed.
const CLAIM: TimeDelta = TimeDelta::seconds(60);

/// How many may be sent to at once. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Places {
    all: Arc<Semaphore>,
    of_failing: Arc<Semaphore>,
}

store::row! {
    /// A webhook that is ours for a while, and how it has fared.
    pub(super) struct Turn {
        pub(super) webhook_id: WebhookId,
        pub(super) workspace_id: WorkspaceId,
        /// In a row.
        pub(super) failures: i64,
        pub(super) failing_since: Option<DateTime<Utc>>,
        updated_at: DateTime<Utc>,
    }
}

impl Default for Places {
    fn default() -> Self {
        let places = |number| Arc::new(Semaphore::new(number));
        Self { all: places(PLACES), of_failing: places(PLACES_OF_FAILING) }
    }
}

/// Takes up every webhook for which something is due, as far as there are places, and does not wait for what becomes of it. Safe in
/// any number of processes. Errors: of the database.
pub(crate) async fn begin(service: &Workspace) -> Result<Vec<JoinHandle<()>>, Error> {
    let mut begun = vec![];
    while let Ok(place) = service.places.all.clone().try_acquire_owned() {
        let of_failing = service.places.of_failing.clone().try_acquire_owned().ok();
        let Some(turn) = claim(service, of_failing.is_some()).await? else { break };
        let of_failing = of_failing.filter(|_| turn.failures > 0);
        let of = service.clone();
        begun.push(service.tasks.spawn("send to a webhook", async move {
            serve(&of, turn).await;
            drop((place, of_failing));
        }));
    }
    Ok(begun)
}

async fn claim(service: &Workspace, failing_too: bool) -> Result<Option<Turn>, Error> {
    let now = service.clock.now();
    let mut tx = SystemTx::begin(&service.db, "send to webhooks").await?;
    let values = [now.into(), (now + CLAIM).into(), failing_too.into()];
    let turn = tx.fetch_optional(sql!("webhook/claim"), &values).await?;
    tx.commit().await?;
    Ok(turn)
}

/// Sends what is due until one fails, nothing is left, or the turn is over.
async fn serve(service: &Workspace, mut turn: Turn) {
    let (began, stopping) = (Instant::now(), service.tasks.stopping());
    let mut until = service.clock.now();
    while began.elapsed() < TURN && !stopping.is_cancelled() {
        match one(service, &mut turn).await {
            Ok(Some(true)) => {}
            Ok(None) => break,
            Ok(Some(false)) => {
                until = service.clock.now() + schedule::peace(turn.failures);
                break;
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, webhook = %turn.webhook_id, "an event was not sent to a webhook; it is tried again");
                turn.failures += 1;
                until = service.clock.now() + schedule::peace(turn.failures);
                break;
            }
        }
    }
    if let Err(error) = release(service, &turn, until).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, webhook = %turn.webhook_id, "a webhook is taken up again when its claim is over");
    }
}

/// Whether it arrived; None where nothing is due.
async fn one(service: &Workspace, turn: &mut Turn) -> Result<Option<bool>, Error> {
    let Some((due, request)) = attempt::next(service, turn.workspace_id, turn.webhook_id).await? else {
        return Ok(None);
    };
    let outcome = attempt::send(service, request).await;
    if outcome.is_success() {
        (turn.failures, turn.failing_since) = (0, None);
    } else {
        turn.failures += 1;
        turn.failing_since.get_or_insert(outcome.at);
    }
    settle::settle(service, turn, &due, &outcome).await?;
    Ok(Some(outcome.is_success()))
}

async fn release(service: &Workspace, turn: &Turn, until: DateTime<Utc>) -> Result<(), Error> {
    let (workspace, webhook) = (turn.workspace_id, turn.webhook_id);
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    // First: whoever adds a delivery from here on waits, and wakes it afterwards.
    let locked: Option<(WebhookId,)> =
        tx.fetch_optional(sql!("webhook/hold"), &[workspace.into(), webhook.into()]).await?;
    if locked.is_none() {
        return Ok(());
    }
    let values = [
        workspace.into(),
        webhook.into(),
        until.into(),
        turn.failures.into(),
        turn.failing_since.into(),
        turn.updated_at.into(),
    ];
    tx.execute(sql!("webhook/release"), &values).await?;
    tx.commit().await?;
    Ok(())
}
