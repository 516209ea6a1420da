//! Works on one execution: begins each step of its plan once what it needs has ended, writes down what comes out, and goes on
//! until the last. The plan decides what is done, never a model.

mod progress;
mod results;

pub(crate) use results::Results;

use crate::{
    Error,
    ask::{Stop, budget::Budget},
    domain::brief::Brief,
    estimate::Estimate,
    journal::{self, CallRow, Done, End, Event, Loaded, State},
    plan::{Kind, Plan, Step},
    service::Inner,
    step,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{Reason, id::ExecutionId};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// How often one that cannot be read is taken up: each time half a minute later.
const MOST_EPOCHS: i64 = 60;
/// The longest that one rests after a failure, in seconds: a second longer with each time that it was taken up.
const LONGEST_REST: i64 = 30;

/// An execution that is worked on.
pub(crate) struct Run {
    pub inner: Arc<Inner>,
    pub id: ExecutionId,
    pub epoch: i64,
    pub budget_token: String,
    pub model: String,
    pub depth: String,
    pub plan: Plan,
    pub budget: Budget,
    /// Ends all that is under way.
    pub cancel: CancellationToken,
    pub created_at: DateTime<Utc>,
    /// As it came in: `intake` has what was found out.
    pub given: Brief,
    pub is_interactive: bool,
    pub answers: Option<Vec<crate::domain::brief::Fact>>,
    pub asked_until: Option<DateTime<Utc>>,
    began_at: DateTime<Utc>,
    estimate: Estimate,
    calls: BTreeMap<(String, i64), CallRow>,
    texts: BTreeMap<String, String>,
}

/// Why the work on it ends without its end.
enum Pause {
    /// Somebody is asked.
    Asked,
    /// The process stops, somebody else works on it, or the database is away.
    Left,
}

/// What a step leads to.
pub(crate) enum Next {
    /// It has ended.
    Done(Done),
    /// Somebody is asked, until then.
    Ask(Value, DateTime<Utc>),
    /// The report, and the execution with it.
    End(End),
}

/// Works on it until it has ended, or somebody else has to go on.
pub(crate) async fn run(inner: &Arc<Inner>, (id, epoch): (ExecutionId, i64), cancel: CancellationToken) {
    let loaded = match journal::load(inner, id).await {
        Ok(loaded) if loaded.epoch == epoch => loaded,
        Ok(_) => return,
        Err(error) => return unreadable(inner, (id, epoch), error).await,
    };
    if loaded.is_cancelled {
        cancel.cancel();
    }
    let (run, results) = Run::new(inner, loaded, cancel);
    let run = Arc::new(run);
    match work(&run, results).await {
        Ok(Ok(end)) => finish(&run, end).await,
        Ok(Err(Pause::Asked)) => {}
        Ok(Err(Pause::Left)) | Err(Error::Lost) => {}
        // Whoever took it up would come to the same place.
        Err(error @ Error::Kept(_)) => finish(&run, broken(id, &error)).await,
        Err(error) => {
            tracing::warn!(execution = %id, %error, "the work on an execution is interrupted");
            return leave(inner, (id, epoch), rest(epoch)).await;
        }
    }
    leave(inner, (id, epoch), TimeDelta::zero()).await;
}

/// What fails again and again is not taken up again and again at once.
fn rest(epoch: i64) -> TimeDelta {
    TimeDelta::seconds(epoch.clamp(1, LONGEST_REST))
}

/// Where it has ended, or is somebody else's, this changes nothing.
async fn leave(inner: &Inner, (id, epoch): (ExecutionId, i64), rest: TimeDelta) {
    if let Err(error) = journal::release(inner, id, epoch, rest).await {
        tracing::warn!(execution = %id, %error, "an execution waits until its lease is over");
    }
}

/// A plan of a newer release waits for a process of that release until its lease is over, but not for ever.
async fn unreadable(inner: &Inner, (id, epoch): (ExecutionId, i64), error: Error) {
    match error {
        Error::NotFound => {}
        Error::Kept(_) if epoch >= MOST_EPOCHS => {
            let ended = journal::finish(inner, id, epoch, broken(id, &error)).await;
            if let Err(error) = ended {
                tracing::warn!(execution = %id, %error, "the end of an execution was not written");
            }
        }
        Error::Kept(_) => tracing::error!(execution = %id, %error, "an execution cannot be taken up by this release"),
        error => {
            tracing::warn!(execution = %id, %error, "an execution cannot be taken up now");
            leave(inner, (id, epoch), rest(epoch)).await;
        }
    }
}

/// The end of one that nobody can go on with.
fn broken(id: ExecutionId, error: &Error) -> End {
    tracing::error!(execution = %id, %error, "an execution cannot go on, and has failed");
    let message = "the analysis came to a place where it cannot go on; begin it again".to_owned();
    End::Failed { code: Reason::Internal.as_str().to_owned(), message }
}

async fn finish(run: &Run, end: End) {
    match journal::finish(&run.inner, run.id, run.epoch, end).await {
        Ok(()) | Err(Error::Lost) => {}
        Err(error) => tracing::warn!(execution = %run.id, %error, "the end of an execution was not written"),
    }
}

/// Until there is nothing to do. Errors: [`Error::Lost`], the database failed.
async fn work(run: &Arc<Run>, mut results: Results) -> Result<Result<End, Pause>, Error> {
    let mut under_way: JoinSet<(Step, Result<Next, Stop>)> = JoinSet::new();
    let mut begun = BTreeSet::new();
    loop {
        if !run.cancel.is_cancelled() {
            for step in ready(run, &results, &begun, under_way.len()) {
                begun.insert(step.key.clone());
                let (run, results) = (run.clone(), results.clone());
                under_way.spawn(async move {
                    let next = step::perform(&run, &results, &step).await;
                    (step, next)
                });
            }
        }
        let Some(ended) = under_way.join_next().await else {
            return if run.cancel.is_cancelled() { stopped(run).await } else { Err(stuck(run)) };
        };
        let (step, next) = match ended {
            Ok(ended) => ended,
            Err(error) if error.is_panic() => return Err(Error::Kept("a step broke".to_owned())),
            // The process stops.
            Err(_) => return Ok(Err(Pause::Left)),
        };
        let done = match next {
            Ok(Next::Done(done)) => done,
            Ok(Next::Ask(questions, until)) => {
                journal::ask(&run.inner, (run.id, run.epoch), &questions, until).await?;
                return Ok(Err(Pause::Asked));
            }
            Ok(Next::End(end)) => return Ok(Ok(end)),
            Err(Stop::Cancelled) => continue,
            Err(Stop::Journal(error)) => return Err(error),
            Err(stop) => failed(&step, &stop),
        };
        let progress = progress::after(&run.plan, &results, &done.key);
        let done = progress::told(run, done, &step, progress);
        let row = journal::commit(&run.inner, run.id, run.epoch, done, (step.kind.stage(), progress)).await?;
        results.insert(row);
    }
}

/// Steps that can begin now, as many as there is room for.
fn ready(run: &Run, results: &Results, begun: &BTreeSet<String>, under_way: usize) -> Vec<Step> {
    let room = run.inner.config.calls_at_once.saturating_sub(under_way);
    let is_ready = |step: &&Step| {
        !begun.contains(&step.key) && !results.has(&step.key) && step.needs.iter().all(|need| results.has(need))
    };
    run.plan.steps.iter().filter(is_ready).take(room).cloned().collect()
}

/// Whether it was cancelled, or the process stops.
async fn stopped(run: &Run) -> Result<Result<End, Pause>, Error> {
    let loaded = journal::load(&run.inner, run.id).await?;
    if loaded.epoch != run.epoch {
        return Err(Error::Lost);
    }
    Ok(if loaded.is_cancelled { Ok(End::Cancelled) } else { Err(Pause::Left) })
}

fn stuck(run: &Run) -> Error {
    tracing::error!(execution = %run.id, "no step of the plan can begin");
    Error::Kept("no step of the plan can begin".to_owned())
}

fn failed(step: &Step, stop: &Stop) -> Done {
    let mut data = json!({"step": step.key, "reason": stop.reason()});
    if let Some(ask) = &step.ask {
        data["role"] = json!(ask.role);
    }
    if let Stop::Provider(failure) = stop {
        data["error"] = json!({"code": failure.reason.as_str(), "message": failure.message});
    }
    let kind = if step.kind == Kind::Opinion { "agent.absent" } else { "step.failed" };
    Done {
        key: step.key.clone(),
        state: State::Failed,
        output: data.clone(),
        reason: Some(stop.reason()),
        events: vec![Event::new(kind, data)],
    }
}

impl Run {
    fn new(inner: &Arc<Inner>, loaded: Loaded, cancel: CancellationToken) -> (Self, Results) {
        let results = Results::new(loaded.steps);
        let calls = loaded.calls;
        let run = Self {
            budget: Budget::new(loaded.plan.limits, &calls),
            began_at: loaded.began_at,
            estimate: loaded.estimate,
            inner: inner.clone(),
            id: loaded.id,
            epoch: loaded.epoch,
            budget_token: loaded.budget_token,
            model: loaded.model,
            depth: loaded.depth,
            plan: loaded.plan,
            cancel,
            created_at: loaded.created_at,
            given: loaded.brief,
            is_interactive: loaded.interactive,
            answers: loaded.answers,
            asked_until: loaded.asked_until,
            calls: calls.into_iter().map(|call| ((call.step.clone(), call.attempt), call)).collect(),
            texts: loaded.texts,
        };
        (run, results)
    }

    /// The text of a hash that the plan names.
    pub(crate) fn text(&self, hash: &str) -> &str {
        self.texts.get(hash).map_or("", String::as_str)
    }

    /// The call that a former worker has made under this step and number.
    pub(crate) fn taken(&self, (step, attempt): (&str, i64)) -> Option<&CallRow> {
        self.calls.get(&(step.to_owned(), attempt))
    }

    /// Until its deadline.
    pub(crate) fn time_left(&self) -> Duration {
        let deadline = self.began_at + TimeDelta::seconds(self.plan.limits.deadline_seconds);
        (deadline - self.inner.clock.now()).to_std().unwrap_or_default()
    }

    /// For how long it was worked on, in seconds.
    pub(crate) fn elapsed(&self) -> i64 {
        (self.inner.clock.now() - self.began_at).num_seconds().max(0)
    }

    /// Waits, unless it is to end. Errors: [`Stop::Cancelled`], [`Stop::Deadline`].
    pub(crate) async fn pause(&self, wait: Duration) -> Result<(), Stop> {
        if wait >= self.time_left() {
            return Err(Stop::Deadline);
        }
        tokio::select! {
            () = self.cancel.cancelled() => Err(Stop::Cancelled),
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }
}
