//! A second call, where nothing has come from the first one after a while: whoever begins to answer first is heard, the other
//! is left. Both were admitted, and each has its row.

use crate::{
    attempt::{Lost, Won, attempt},
    route::{policy::Hedge, turns::Turns},
    run::Run,
    settlement::Settlement,
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, Either, select},
};
use proto::usage::LimitState;
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering::Relaxed},
};
use tokio::time::{Instant, sleep};
use tonic::Status;
use tracing::Instrument as _;

/// How many second calls may come at once, after a time without any.
const BURST: f64 = 10.0;

/// One attempt under way.
pub(crate) struct Runner {
    pub run: Arc<Run>,
    /// Of its candidate.
    pub index: usize,
    /// The how many-th attempt it is.
    pub number: usize,
    pub settlement: Settlement,
}

type Done = (Runner, Result<Won, Lost>);

/// Keeps second calls a small part of all, in this process.
#[derive(Debug, Default)]
pub(crate) struct Hedges(Mutex<f64>);

impl Hedges {
    /// A request that may have a second call, of which so many in 100 do.
    fn earn(&self, percent: f64) {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *saved = (*saved + percent / 100.0).min(BURST);
    }

    /// Whether this one is it.
    fn spend(&self) -> bool {
        let mut saved = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let may = *saved >= 1.0;
        if may {
            *saved -= 1.0;
        }
        may
    }
}

/// Runs an attempt to its end.
pub(crate) async fn alone(mut runner: Runner, turns: &Turns) -> Done {
    let Runner { run, index, settlement, .. } = &mut runner;
    let span = settlement.span.clone();
    let attempted = attempt(run, &run.candidates[*index], &mut settlement.meter, |fault| turns.goes_on_after(fault));
    let attempted = attempted.instrument(span).await;
    (runner, attempted)
}

/// Runs an attempt, and a second one beside it if it is slow. What failed is settled; what is given back is the one that
/// answered, or the one that failed last.
pub(crate) async fn race(first: Runner, turns: &mut Turns, hedge: Hedge) -> Done {
    let (run, own, first_index) = (first.run.clone(), first.number, first.index);
    run.gateway().hedges.earn(hedge.percent);
    let (before, left) = (turns.clone(), Arc::new(AtomicBool::new(false)));
    let mut first = first;
    first.settlement.leave_when(left.clone());
    let one = alone(first, &before).boxed();
    let one = match select(one, sleep(hedge.after).boxed()).await {
        Either::Left((done, _)) => return done,
        Either::Right(((), one)) => one,
    };
    let Some((index, number)) = turns.beside() else { return one.await };
    // Being slow is no failure: what is paid already does not become a charge for it.
    let is_charge = run.candidates[index].provider.is_platform() && !run.candidates[first_index].provider.is_platform();
    if is_charge || !run.gateway().hedges.spend() {
        turns.put_back(index);
        return one.await;
    }
    let Some(visit) = run.candidates[index].health.enter(false) else { return one.await };
    let began = Instant::now();
    let (one, admitted) = match select(one, admit(&run, index, number)).await {
        // It may be granted all the same.
        Either::Left((done, admitting)) => {
            let give_back = async move {
                if let Ok((settlement, _)) = admitting.await {
                    settlement.outrun();
                }
            };
            run.gateway().tasks.tracker().spawn(give_back);
            return done;
        }
        Either::Right((admitted, one)) => (one, admitted),
    };
    let Ok((mut settlement, limits)) = admitted else { return one.await };
    run.gateway().metrics.hedged();
    run.also(number);
    if let Some(trail) = &run.ticket.trail {
        trail.admitted(index, number, &run.candidates[index], run.ticket.arrived, began);
    }
    let outrun = Arc::new(AtomicBool::new(false));
    settlement.watched(visit, run.policy.breaker);
    settlement.leave_when(outrun.clone());
    settlement.is_beside();
    let beside = Arc::new(Run::beside(&run));
    beside.trying(index, number, limits);
    let after = turns.clone();
    let two = alone(Runner { run: beside, index, number, settlement }, &after).boxed();
    let one = Racer { done: one, number: own, outrun: left };
    first_of(one, Racer { done: two, number, outrun }).await
}

/// An attempt that may be left.
struct Racer<'a> {
    done: BoxFuture<'a, Done>,
    number: usize,
    /// To be set before it is left.
    outrun: Arc<AtomicBool>,
}

/// The one that answers first, or fails last; the other is left, or settled.
async fn first_of<'a>(one: Racer<'a>, two: Racer<'a>) -> Done {
    let ((done, other), (number, outrun)) = match select(one.done, two.done).await {
        Either::Left(one) => (one, (two.number, two.outrun)),
        Either::Right(two) => (two, (one.number, one.outrun)),
    };
    let (Runner { run, index, number: own, settlement }, attempted) = done;
    let trail = run.ticket.trail.as_ref();
    match attempted {
        Ok(won) => {
            trail.inspect(|trail| trail.left(number));
            outrun.store(true, Relaxed);
            drop(other);
            (Runner { run, index, number: own, settlement }, Ok(won))
        }
        Err(lost) => {
            trail.inspect(|trail| trail.ended(own, &settlement.meter, Some(lost.fault.for_log())));
            tracing::info!(attempt = own, fault = lost.fault.for_log(), "one of two providers failed");
            settlement.failed(&lost.fault, None);
            other.await
        }
    }
}

/// Admission of a second call, whatever becomes of who asks for it.
fn admit(
    run: &Arc<Run>,
    index: usize,
    number: usize,
) -> BoxFuture<'static, Result<(Settlement, Vec<LimitState>), Status>> {
    let run = run.clone();
    async move { Settlement::admit(&run.ticket, &run.candidates[index].provider, run.admission(index, number)).await }
        .boxed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn second_calls_are_a_small_part_of_all() {
        let hedges = Hedges::default();
        let seconds = (0..1000).filter(|_| {
            hedges.earn(5.0);
            hedges.spend()
        });
        assert!((49..=50).contains(&seconds.count()));
    }
}
