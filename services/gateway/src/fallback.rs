//! Tries one provider after the other until one answers, or none is left.

use crate::{
    Error,
    attempt::{Lost, Won, attempt},
    run::Run,
    settlement::Settlement,
    stream::relay::Relay,
    ticket::{End, Ticket},
};
use bytes::Bytes;
use proto::{Failure, Reason, gateway::Head};
use std::{sync::Arc, time::Duration};
use tracing::Instrument as _;

/// Usage-metering takes no more for one request.
const MOST_ATTEMPTS: usize = 64;
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
/// the last provider did wrong. Another provider may have a price where one has none; quotas are the same everywhere.
pub(crate) async fn run(run: Arc<Run>) -> Result<Answer, Error> {
    let most = usize::try_from(run.gateway().config.max_attempts).unwrap_or(1).clamp(1, MOST_ATTEMPTS);
    let (mut before, mut unpriced): (Option<Error>, Option<Error>) = (None, None);
    // What is refused for its price is no attempt: the next one is the first, or the second, in its place.
    let mut number = 1;
    for (index, candidate) in run.candidates.iter().enumerate() {
        let is_last = number == most || index + 1 == run.candidates.len();
        let admitted = Settlement::admit(&run.ticket, &candidate.provider, run.admission(index, number)).await;
        let (mut settlement, limits) = match admitted {
            Ok(admitted) => admitted,
            Err(status) if Reason::of(&status) == Reason::UnpricedModel => {
                unpriced.get_or_insert(status.into());
                continue;
            }
            Err(status) => return Err(refused(&run, before, status.into())),
        };
        run.trying(index, number, limits);
        let span = settlement.span.clone();
        match attempt(&run, candidate, &mut settlement.meter, is_last).instrument(span).await {
            Ok(Won::Whole(content_type, body)) => {
                let head = run.head(200, &content_type, None);
                settlement.completed(200);
                return Ok(Answer::Whole(head, body));
            }
            Ok(Won::Stream(content_type, reader, held)) => {
                let head = run.head(200, &content_type, None);
                return Ok(Answer::Stream(head, Box::new(Relay::new(run.clone(), settlement, reader, held))));
            }
            Err(lost) if lost.fault.is_worth_another() && !is_last => {
                let settled = settlement.failed(&lost.fault, None);
                run.gateway().metrics.fell_back();
                tracing::info!(attempt = number, fault = lost.fault.for_log(), "a provider failed, trying the next");
                let between = Between(&run.ticket);
                // Its outcome is in the log; whether it arrived is its own business.
                if let Some(settled) = settled {
                    drop(tokio::time::timeout(SETTLE_FIRST, settled).await);
                }
                // From here on the next admission tells.
                std::mem::forget(between);
                before = Some(run.failure(lost.fault));
                number += 1;
            }
            Err(lost) => return last(&run, settlement, lost),
        }
    }
    match unpriced {
        Some(unpriced) => Err(refused(&run, before, unpriced)),
        None => Err(before.unwrap_or(Error::Operation)),
    }
}

/// Admission was refused. After another attempt, what went wrong there is the better answer.
fn refused(run: &Run, before: Option<Error>, refusal: Error) -> Error {
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
