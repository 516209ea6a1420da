//! Tries one provider after the other until one answers, or none is left.

use crate::{
    Error,
    attempt::{Lost, Won},
    guard,
    hedge::{self, Runner},
    plan::Candidate,
    route::turns::Next,
    run::Run,
    settlement::Settlement,
    stored,
    stream::relay::Relay,
    ticket::{End, Ticket},
};
use bytes::Bytes;
use proto::{Failure, Reason, gateway::Head};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tonic::Status;

/// How long the next attempt waits for the one before to be settled: a slot that it holds may be the last one.
const SETTLE_FIRST: Duration = Duration::from_secs(2);

/// What the client gets.
pub(crate) enum Answer {
    Whole(Head, Bytes),
    Stream(Head, Box<Relay>),
}

/// A request between two attempts: neither of them tells how it ended, if its client leaves now.
struct Between<'a>(&'a Ticket);

impl Drop for Between<'_> {
    fn drop(&mut self) {
        self.0.left();
    }
}

/// Runs the attempts of `run`. Each is settled, whatever happens. Errors: the refusal of the first admission, or what
/// the last provider did wrong. Another provider may have a price where one has none, and what a plan allows is of the
/// platform's providers only; all other limits are the same everywhere.
pub(crate) async fn run(run: Arc<Run>) -> Result<Answer, Error> {
    let (mut before, mut passed): (Option<Error>, Option<Error>) = (None, None);
    let mut turns = run.turns();
    while let Some((index, number)) = turns.now() {
        let candidate = &run.candidates[index];
        let Some(visit) = candidate.health.enter(turns.must()) else {
            turns.put_off();
            if let Some(trail) = &run.ticket.trail {
                trail.put_off(index);
            }
            continue;
        };
        let began = Instant::now();
        let admitted = Settlement::admit(&run.ticket, &candidate.provider, run.admission(index, number)).await;
        let (mut settlement, limits) = match admitted {
            Ok(admitted) => admitted,
            // What is refused for its price, or for a plan that holds for the platform's providers only, is no attempt: the
            // next one is the first, or the second, in its place.
            Err(status) if passes_over(&status, candidate) => {
                if let Some(trail) = &run.ticket.trail {
                    match Reason::of(&status) {
                        Reason::UnpricedModel => trail.unpriced(index),
                        _ => trail.beyond_plan(index),
                    }
                }
                passed.get_or_insert(status.into());
                turns.pass_over();
                continue;
            }
            Err(status) => return Err(refused(&run, before, status.into())),
        };
        if let Some(trail) = &run.ticket.trail {
            trail.admitted(index, number, candidate, run.ticket.arrived, began);
        }
        settlement.watched(visit, run.policy.breaker);
        run.trying(index, number, limits);
        let runner = Runner { run: run.clone(), index, number, settlement };
        let (runner, attempted) = match run.policy.hedge {
            None => hedge::alone(runner, &turns).await,
            // Boxed: few hedge.
            Some(hedge) => Box::pin(hedge::race(runner, &mut turns, hedge)).await,
        };
        // Of two at once it may have been the other one.
        let Runner { run: heard, index, number, settlement } = runner;
        if let Some(trail) = &run.ticket.trail {
            trail.ended(number, &settlement.meter, attempted.as_ref().err().map(|lost| lost.fault.for_log()));
        }
        let lost = match attempted {
            Ok(won) => return answered(&heard, &heard.candidates[index], settlement, won).await,
            Err(lost) => lost,
        };
        let next = turns.failed(&lost.fault);
        if next == Next::Nothing {
            return last(&heard, settlement, lost);
        }
        tracing::info!(attempt = number, fault = lost.fault.for_log(), "a provider failed, trying on");
        let settled = settlement.failed(&lost.fault, None);
        before = Some(heard.failure(lost.fault));
        let between = Between(&run.ticket);
        // Its outcome is in the log; whether it arrived is its own business.
        if let Some(settled) = settled {
            drop(tokio::time::timeout(SETTLE_FIRST, settled).await);
        }
        if let Next::Again(pause) = next {
            run.gateway().metrics.tried_again();
            // The provider's time, which it asked for or caused.
            run.wait(tokio::time::sleep(pause)).await;
        } else {
            run.gateway().metrics.fell_back();
        }
        // From here on the next admission tells.
        std::mem::forget(between);
    }
    match passed {
        Some(passed) => Err(refused(&run, before, passed)),
        None => Err(before.unwrap_or(Error::Operation)),
    }
}

/// Whether the next provider may be admitted where this one was not.
fn passes_over(status: &Status, candidate: &Candidate) -> bool {
    match Reason::of(status) {
        Reason::UnpricedModel => true,
        Reason::QuotaExceeded | Reason::RateLimited | Reason::ConcurrencyLimited | Reason::BudgetExceeded => {
            candidate.provider.is_platform() && Failure::from(status).get("layer") == Some("plan")
        }
        _ => false,
    }
}

/// The client gets this one. Errors: a guardrail does not let it pass.
async fn answered(run: &Arc<Run>, candidate: &Candidate, settlement: Settlement, won: Won) -> Result<Answer, Error> {
    run.stick(candidate);
    Ok(match won {
        Won::Whole(content_type, body) => {
            let checked =
                guard::answer::check(run.guards.as_ref(), run.asked.operation, &content_type, body, &run.ticket);
            let body = match checked.await {
                Ok(body) => body,
                Err(blocked) => {
                    settlement.stopped(&Failure::from(&blocked));
                    return Err(blocked.into());
                }
            };
            let mut recorder = run.recorder();
            if let Some(recorder) = &mut recorder {
                recorder.add(&body);
            }
            let head = run.head(200, &content_type, None);
            settlement.completed(200);
            run.thought(&body);
            stored::keep::whole(run, &body).await;
            run.keep(recorder, &content_type).await;
            Answer::Whole(head, body)
        }
        Won::Stream(content_type, reader, held) => {
            let head = run.head(200, &content_type, None);
            Answer::Stream(head, Box::new(Relay::new(run.clone(), settlement, content_type, reader, held)))
        }
    })
}

/// Admission was refused. After another attempt, what went wrong there is the better answer.
pub(crate) fn refused(run: &Run, before: Option<Error>, refusal: Error) -> Error {
    let failure: Failure = match &refusal {
        Error::Peer(status) => status.into(),
        _ => return refusal,
    };
    run.ticket.refused(&failure);
    before.unwrap_or(refusal)
}

/// No other attempt follows: the provider's own refusal is the answer, or our account of what it did.
fn last(run: &Run, settlement: Settlement, lost: Lost) -> Result<Answer, Error> {
    let fault = lost.fault.clone();
    let (answer, status) = match lost.refusal {
        Some(body) => {
            let head = run.head(fault.status, "application/json", fault.told_wait());
            (Ok(Answer::Whole(head, body)), fault.status)
        }
        None => (Err(run.failure(lost.fault)), fault.reason().openai_http()),
    };
    let end = End { outcome: fault.outcome(), status, code: fault.reason().as_str(), message: fault.for_log() };
    settlement.failed(&fault, Some(&end));
    answer
}
