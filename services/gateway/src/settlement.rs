//! One admitted attempt, from admission to exactly one settlement.
//!
//! A [`Settlement`] exists before its admission is asked for and settles when it is dropped, so that there is no way
//! out of an attempt without a row: not by an error, a client that leaves, or a panic.

mod deliver;
mod resend;

pub(crate) use resend::resend;

use crate::{
    meter::Meter,
    provider::{Provider, fault::Fault},
    route::{health::Visit, policy::Breaker},
    spool::Debt,
    ticket::{End, Ticket},
    trace,
    wire::usage,
};
use deliver::{Patience, deliver};
use fail::fail_point;
use futures::{FutureExt as _, future::BoxFuture};
use proto::{
    Failure, Reason,
    usage::{AdmitRequest, AdmitResponse, LimitState, Outcome, RequestEnd, SettleRequest, Units},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{task::JoinHandle, time::Instant};
use tonic::Status;
use tracing::Span;

/// How long admission may take. Usage-metering says sooner that its database is away.
const ADMIT_PATIENCE: Duration = Duration::from_secs(10);

/// Owes one settlement from the moment that its grant may exist.
pub(crate) struct Settlement {
    ticket: Arc<Ticket>,
    provider: Arc<Provider>,
    grant_id: String,
    state: State,
    /// What was written down of the provider's count while the answer was under way.
    noted: Option<Debt>,
    /// Tells how the provider does.
    visit: Option<(Visit, Breaker)>,
    /// Whether it is left because another attempt of the request was sooner.
    outrun: Option<Arc<AtomicBool>>,
    /// Another attempt of the request tells how that ends.
    is_beside: bool,
    pub meter: Meter,
    pub span: Span,
}

enum State {
    /// Nobody knows yet whether there is a grant.
    Admitting(BoxFuture<'static, Result<AdmitResponse, Status>>),
    /// There is a grant, and it is not settled.
    Open,
    /// Nothing is owed.
    Closed,
}

impl Settlement {
    /// Asks for admission. Errors: `RATE_LIMITED`, `CONCURRENCY_LIMITED`, `QUOTA_EXCEEDED`, `BUDGET_EXCEEDED`,
    /// `UNPRICED_MODEL`, `SERVICE_UNAVAILABLE`.
    pub(crate) async fn admit(
        ticket: &Arc<Ticket>,
        provider: &Arc<Provider>,
        request: AdmitRequest,
    ) -> Result<(Self, Vec<LimitState>), Status> {
        let (usage, call) =
            (ticket.gateway.usage.clone(), ticket.service_call().until(Instant::now() + ADMIT_PATIENCE));
        let described = host::telemetry::exporting().then(|| request.clone());
        let mut settlement = Self {
            grant_id: format!("{}/{}", ticket.subject.request_id, request.attempt),
            meter: Meter::new(request.estimated_input_tokens, request.units.clone().unwrap_or_default()),
            span: Span::none(),
            ticket: ticket.clone(),
            provider: provider.clone(),
            noted: None,
            visit: None,
            outrun: None,
            is_beside: false,
            state: State::Admitting(Box::pin(async move { usage.admit(&call, request).await })),
        };
        let State::Admitting(admission) = &mut settlement.state else {
            return Err(Reason::Internal.with("admission was not asked for").into());
        };
        match admission.as_mut().await {
            Ok(answer) => {
                settlement.state = State::Open;
                // From here on it is the provider's time.
                if let Some(request) = described {
                    settlement.span = trace::open(ticket.trace.as_deref(), &request);
                }
                settlement.meter.stop_after(answer.stop_after_output_tokens);
                fail_point!("gateway::admit::granted");
                Ok((settlement, answer.limits))
            }
            Err(status) => {
                settlement.state = State::Closed;
                if may_have_granted(&status) {
                    let rejected = settlement.request(&End { status: 0, ..refusal() }, false);
                    settlement.send(rejected, Patience::UntilSwept);
                }
                Err(status)
            }
        }
    }

    /// How this attempt ends is told to `visit`.
    pub(crate) fn watched(&mut self, visit: Visit, breaker: Breaker) {
        self.visit = Some((visit, breaker));
    }

    /// Once this is true, whoever lets go of the attempt does so because another one was sooner.
    pub(crate) fn leave_when(&mut self, outrun: Arc<AtomicBool>) {
        self.outrun = Some(outrun);
    }

    /// If the client leaves, the attempt beside this one says so.
    pub(crate) const fn is_beside(&mut self) {
        self.is_beside = true;
    }

    /// Another attempt of the request was sooner.
    pub(crate) fn outrun(mut self) -> Option<JoinHandle<()>> {
        let request = self.request(&outrun(), false);
        self.close(request)
    }

    /// The attempt is over; `end` says how the request as a whole ended, if this was its last attempt.
    pub(crate) fn failed(mut self, fault: &Fault, end: Option<&End>) -> Option<JoinHandle<()>> {
        let own = End { outcome: fault.outcome(), status: 0, code: fault.reason().as_str(), message: fault.for_log() };
        if let Some((visit, breaker)) = self.visit.take() {
            self.ticket.gateway.metrics.breaker(self.provider.kind, visit.failed(fault, breaker));
        }
        if !fault.may_have_worked {
            self.meter.did_not_work();
        }
        let mut request = self.request(&own, false);
        request.request_end = end.map(|end| self.request_end(end));
        self.close(request)
    }

    /// The attempt and the request ended well.
    pub(crate) fn completed(self, status: u16) -> Option<JoinHandle<()>> {
        self.well(status, true)
    }

    /// The attempt and the request were ended by us, because their money is spent or a guardrail stopped them.
    pub(crate) fn stopped(mut self, why: &Failure) -> Option<JoinHandle<()>> {
        let (code, message) = (why.reason.as_str(), why.message.clone());
        let outcome = match why.reason {
            Reason::BudgetExceeded => Outcome::BudgetStopped,
            _ => Outcome::Blocked,
        };
        // The provider did nothing wrong.
        if let Some((visit, _)) = self.visit.take() {
            self.ticket.gateway.metrics.breaker(self.provider.kind, visit.succeeded(self.meter.latency()));
        }
        let end = End { outcome, status: why.reason.openai_http(), code, message };
        let request = self.request(&end, true);
        self.close(request)
    }

    /// The request was answered without the provider.
    pub(crate) fn cached(mut self) -> Option<JoinHandle<()>> {
        let end = End { outcome: Outcome::Cached, status: 200, code: "", message: String::new() };
        let request = self.request(&end, true);
        self.close(request)
    }

    /// The attempt ended well; others of the same request end later.
    pub(crate) fn part(self) -> Option<JoinHandle<()>> {
        self.well(0, false)
    }

    fn well(mut self, status: u16, is_last: bool) -> Option<JoinHandle<()>> {
        if let Some((visit, _)) = self.visit.take() {
            self.ticket.gateway.metrics.breaker(self.provider.kind, visit.succeeded(self.meter.latency()));
        }
        let end = End { outcome: Outcome::Completed, status, code: "", message: String::new() };
        let request = self.request(&end, is_last);
        self.close(request)
    }

    fn close(&mut self, request: SettleRequest) -> Option<JoinHandle<()>> {
        self.state = State::Closed;
        self.send(request, Patience::UntilAcknowledged)
    }

    fn request(&self, end: &End, is_last: bool) -> SettleRequest {
        let (tokens, estimated) = self.meter.tokens();
        SettleRequest {
            workspace_id: self.ticket.subject.workspace_id.clone(),
            grant_id: self.grant_id.clone(),
            outcome: end.outcome.into(),
            tokens: Some(tokens),
            estimated,
            provider_status: i32::from(self.meter.status),
            duration_ms: self.meter.duration_ms(),
            ttft_ms: self.meter.ttft_ms(),
            error_code: end.code.to_owned(),
            error_message: end.message.clone(),
            request_end: is_last.then(|| self.request_end(end)),
            units: Some(self.meter.units()).filter(|units| *units != Units::default()),
        }
    }

    fn request_end(&self, end: &End) -> RequestEnd {
        let dropped = self.meter.dropped.clone();
        RequestEnd { dropped, ..self.ticket.request_end(end, self.meter.first()) }
    }

    /// The provider has said what it counts, and the answer goes on: if this process is killed before its end, what was
    /// said is known to the next.
    pub(crate) fn note(&mut self) {
        let Some(spool) = &self.ticket.gateway.spool else { return };
        let message = "the gateway ended before the answer did".to_owned();
        let code = Reason::ServiceUnavailable.as_str();
        let end = End { outcome: Outcome::Incomplete, status: self.ticket.seen_by_departed(), code, message };
        self.noted = spool.owe(&self.request(&end, true), self.noted.take());
    }

    /// In one process the ledger takes it without waiting: it is durable then before the client sees the end of its
    /// answer, and needs no task. Elsewhere the spool keeps it until the ledger has it. The task is that of what waits.
    fn send(&mut self, request: SettleRequest, patience: Patience) -> Option<JoinHandle<()>> {
        let gateway = &self.ticket.gateway;
        trace::ended(&self.span, &request, self.meter.gist(), self.ticket.subject.stream);
        let outcome = request.outcome();
        gateway.metrics.ended(self.provider.kind, outcome, self.meter.status, request.ttft_ms);
        gateway.metrics.used(self.provider.kind, usage::sums(&request.tokens.unwrap_or_default()));
        let (usage, call) = (gateway.usage.clone(), self.ticket.service_call());
        let debt = gateway.spool.as_ref().filter(|_| patience == Patience::UntilAcknowledged);
        let debt = debt.and_then(|spool| spool.owe(&request, self.noted.take()));
        let mut work = Box::pin(async move { deliver(&usage, &call, request, patience, debt).await });
        // A second panic while one is under way would end the process.
        if !std::thread::panicking() && work.as_mut().now_or_never().is_some() {
            return None;
        }
        Some(gateway.tasks.tracker().spawn(work))
    }

    /// What is settled for somebody who has left, or for a panic.
    fn abandoned(&self) -> SettleRequest {
        if self.outrun.as_ref().is_some_and(|flag| flag.load(Relaxed)) {
            return self.request(&outrun(), false);
        }
        let end = if std::thread::panicking() {
            let message = "the gateway failed while it handled the answer".to_owned();
            End { outcome: Outcome::UpstreamError, status: 500, code: Reason::Internal.as_str(), message }
        } else {
            let status = self.ticket.seen_by_departed();
            End { outcome: Outcome::ClientGone, status, code: "", message: String::new() }
        };
        self.request(&end, !self.is_beside)
    }
}

impl Drop for Settlement {
    fn drop(&mut self) {
        // Without a runtime the process is at its end, and the sweep of a later one settles.
        if matches!(self.state, State::Closed) || tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let request = self.abandoned();
        let State::Admitting(admission) = std::mem::replace(&mut self.state, State::Closed) else {
            self.send(request, Patience::UntilAcknowledged);
            return;
        };
        // Whoever waited for it is gone, but the grant may come into being all the same.
        let (usage, call) = (self.ticket.gateway.usage.clone(), self.ticket.service_call());
        self.ticket.gateway.tasks.tracker().spawn(async move {
            let patience = match admission.await {
                Ok(_) => Patience::UntilAcknowledged,
                Err(status) if may_have_granted(&status) => Patience::UntilSwept,
                Err(_) => return,
            };
            // Nothing was used, so nothing is lost with this process that the sweep would not find.
            deliver(&usage, &call, request, patience, None).await;
        });
    }
}

/// Whether a failed admission may have left a grant behind: everything but a clear refusal.
fn may_have_granted(status: &Status) -> bool {
    !matches!(
        Reason::of(status),
        Reason::RateLimited
            | Reason::ConcurrencyLimited
            | Reason::QuotaExceeded
            | Reason::BudgetExceeded
            | Reason::UnpricedModel
            | Reason::InvalidArgument
            | Reason::RefusedValue
            | Reason::PermissionDenied
            | Reason::CredentialsMissing
    )
}

fn outrun() -> End {
    let message = "another attempt of the request answered sooner".to_owned();
    End { outcome: Outcome::Outrun, status: 0, code: "", message }
}

fn refusal() -> End {
    let message = "admission was not confirmed".to_owned();
    End { outcome: Outcome::Rejected, status: 0, code: Reason::ServiceUnavailable.as_str(), message }
}
