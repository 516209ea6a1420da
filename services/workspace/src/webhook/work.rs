//! Sends what is due.
//!
//! A webhook is one process's for a while (`claimed_until`), which sends it one event after the other. So an event goes to it in the
//! order in which things happened as long as none fails, and one that answers slowly keeps no more than one place busy. One that fails
//! rests (`rests_until`), and whoever changes it ends that. Of the places of a process, those that fail have at most half.

use super::{
    attempt::{self, Outcome},
    schedule, settle,
};
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
        /// Says that it is ours: who claims it later has it until later.
        pub(super) claimed_until: DateTime<Utc>,
        /// Says that it is what it was.
        pub(super) updated_at: DateTime<Utc>,
    }
}

/// What came of trying to send one event.
pub(super) enum Step {
    Arrived,
    /// For how long its receiver is left in peace.
    Failed(TimeDelta),
    /// Nothing is due, or it is not ours any more.
    Over,
}

impl Turn {
    fn count(&mut self, outcome: &Outcome) {
        if outcome.is_success() {
            (self.failures, self.failing_since) = (0, None);
        } else {
            self.failures += 1;
            self.failing_since.get_or_insert(outcome.at);
        }
    }

    /// Somebody has changed the webhook: what failed before does not count.
    pub(super) const fn begin_anew(&mut self, updated_at: DateTime<Utc>) {
        (self.failures, self.failing_since, self.updated_at) = (0, None, updated_at);
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
    let turn = tx.fetch_optional(sql!(pair "webhook/claim"), &values).await?;
    tx.commit().await?;
    Ok(turn)
}

/// Sends what is due until one fails, nothing is left, or the turn is over.
async fn serve(service: &Workspace, mut turn: Turn) {
    let (began, stopping) = (Instant::now(), service.tasks.stopping());
    let mut rest = None;
    while began.elapsed() < TURN && !stopping.is_cancelled() {
        match one(service, &mut turn).await {
            Ok(Step::Arrived) => {}
            Ok(Step::Over) => break,
            Ok(Step::Failed(peace)) => {
                rest = Some(peace);
                break;
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, webhook = %turn.webhook_id, "an event was not sent to a webhook; it is tried again");
                turn.failures += 1;
                rest = Some(schedule::peace(turn.failures, None));
                break;
            }
        }
    }
    if let Err(error) = release(service, &turn, rest).await {
        let error = &error as &dyn std::error::Error;
        tracing::warn!(error, webhook = %turn.webhook_id, "a webhook is taken up again when its claim is over");
    }
}

async fn one(service: &Workspace, turn: &mut Turn) -> Result<Step, Error> {
    let Some((due, request)) = attempt::next(service, turn).await? else { return Ok(Step::Over) };
    let outcome = attempt::send(service, request).await;
    turn.count(&outcome);
    settle::settle(service, turn, &due, &outcome).await
}

/// Ends the turn. `rest`: for how long its receiver is left in peace from now on.
async fn release(service: &Workspace, turn: &Turn, rest: Option<TimeDelta>) -> Result<(), Error> {
    let (workspace, webhook, now) = (turn.workspace_id, turn.webhook_id, service.clock.now());
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    // First: whoever adds a delivery from here on waits, and wakes it afterwards.
    if tx.execute(sql!("webhook/lock"), &[workspace.into(), webhook.into()]).await? == 0 {
        return Ok(());
    }
    let values = [
        workspace.into(),
        webhook.into(),
        now.into(),
        turn.claimed_until.into(),
        rest.map(|rest| now + rest).into(),
        turn.failures.into(),
        turn.failing_since.into(),
        turn.updated_at.into(),
    ];
    tx.execute(sql!("webhook/release"), &values).await?;
    tx.commit().await?;
    Ok(())
}
