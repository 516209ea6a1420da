//! One request as usage-metering knows it: whose it is, when it came, what its client has seen.

use crate::{aside::Source, guard::Tally, meter::millis_between, route::trail::Trail, service::Inner};
use proto::{
    Call, Failure, Principal, Reason, Role,
    id::{RequestId, WorkspaceId},
    time,
    usage::{Outcome, RecordRefusalRequest, RequestEnd, Subject},
};
use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::time::Instant;

/// What a client that left before any answer is logged with, as nginx does.
const CLIENT_LEFT: u16 = 499;
/// A refusal that usage-metering does not take in this time is not logged.
const REFUSAL_PATIENCE: Duration = Duration::from_secs(5);

/// Shared by the attempts of one request.
pub(crate) struct Ticket {
    pub gateway: Arc<Inner>,
    pub workspace: WorkspaceId,
    pub request: RequestId,
    pub subject: Subject,
    pub arrived: Instant,
    /// Why the request goes where it goes, where that is asked for.
    pub trail: Option<Trail>,
    /// The caller's W3C `traceparent`.
    pub trace: Option<Arc<str>>,
    /// Who calls, and from where.
    pub caller: Principal,
    pub client: Option<IpAddr>,
    /// For whom it runs.
    pub source: Source,
    /// The request because of which the gateway makes this one, or the execution that does.
    pub belongs: Option<String>,
    /// What guardrails found.
    pub tally: Tally,
    /// HTTP status that has left for the client, 0 before.
    sent: AtomicU16,
}

/// How a request ended, before it is dressed for the wire.
#[derive(Clone, Debug)]
pub(crate) struct End {
    pub outcome: Outcome,
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl Ticket {
    /// The ticket of a call. What is known only after reading the body is filled in later.
    pub(crate) fn new(gateway: &Arc<Inner>, call: &Call, workspace: WorkspaceId, operation: &str) -> Self {
        let (api_key_id, user_id) = match call.principal {
            Principal::Key { id } => (id.to_string(), String::new()),
            Principal::User { id, .. } => (String::new(), id.to_string()),
            Principal::Anonymous | Principal::Service(_) => Default::default(),
        };
        let subject = Subject {
            request_id: call.request_id.to_string(),
            workspace_id: workspace.to_string(),
            api_key_id,
            user_id,
            operation: operation.to_owned(),
            requested_model: String::new(),
            stream: false,
            created_at: Some(time::to_proto(gateway.clock.now())),
            team_id: String::new(),
        };
        Self {
            gateway: gateway.clone(),
            workspace,
            request: call.request_id,
            subject,
            arrived: Instant::now(),
            trail: None,
            trace: call.trace.clone(),
            caller: call.principal,
            client: call.client,
            source: Source::Client,
            belongs: None,
            tally: Tally::default(),
            sent: AtomicU16::new(0),
        }
    }

    /// The call with which the gateway speaks for itself about this request, whatever became of the client.
    pub(crate) fn service_call(&self) -> Call {
        let base = Call::service(Role::Gateway, self.request);
        Call { workspace: Some(self.workspace), trace: self.trace.clone(), ..base }
    }

    /// The head has left for the client.
    pub(crate) fn head_sent(&self, status: u16) {
        self.sent.store(status, Relaxed);
    }

    /// What the client saw, if `status` was to be sent now.
    pub(crate) fn seen(&self, status: u16) -> u16 {
        match self.sent.load(Relaxed) {
            0 => status,
            sent => sent,
        }
    }

    /// What a client saw that has just left.
    pub(crate) fn seen_by_departed(&self) -> u16 {
        self.seen(CLIENT_LEFT)
    }

    /// The end of the whole request as usage-metering takes it.
    pub(crate) fn request_end(&self, end: &End, first: Option<Instant>) -> RequestEnd {
        RequestEnd {
            outcome: end.outcome.into(),
            status_code: i32::from(self.seen(end.status)),
            duration_ms: millis_between(self.arrived, Instant::now()),
            ttft_ms: first.map_or(0, |first| millis_between(self.arrived, first).max(1)),
            error_code: end.code.to_owned(),
            error_message: end.message.clone(),
            dropped: vec![],
            guardrails: self.tally.all(),
            explanation_json: self.explanation(),
        }
    }

    /// Why it went where it went, or why it was made.
    fn explanation(&self) -> String {
        match (&self.trail, &self.belongs) {
            (Some(trail), _) => trail.to_json(),
            (None, Some(of)) => {
                serde_json::json!({"source": self.source.name(), self.source.belongs_to(): of}).to_string()
            }
            (None, None) => String::new(),
        }
    }

    /// Logs that the request was refused before any attempt. Best effort: a flood of refusals is counted, not logged.
    pub(crate) fn refused(&self, failure: &Failure) {
        self.gateway.metrics.refused(failure.reason);
        let (code, message) = (failure.reason.as_str(), failure.message.clone());
        let is_blocked = failure.reason == Reason::GuardrailBlocked;
        let outcome = if is_blocked { Outcome::Blocked } else { Outcome::Rejected };
        self.log(&End { outcome, status: failure.reason.openai_http(), code, message });
    }

    /// Logs that the request got the answer of an earlier one.
    pub(crate) fn replayed(&self) {
        self.log(&End { outcome: Outcome::Replayed, status: 200, code: "", message: String::new() });
    }

    /// Logs that the client left while no attempt was under way.
    pub(crate) fn left(&self) {
        self.log(&End { outcome: Outcome::ClientGone, status: CLIENT_LEFT, code: "", message: String::new() });
    }

    /// Logs an end that no settlement tells.
    fn log(&self, end: &End) {
        if tokio::runtime::Handle::try_current().is_err() {
            return;
        }
        let Ok(permit) = self.gateway.refusals.clone().try_acquire_owned() else { return };
        let end = self.request_end(end, None);
        let request = RecordRefusalRequest { subject: Some(self.subject.clone()), request_end: Some(end) };
        let (usage, call) = (self.gateway.usage.clone(), self.service_call().until(Instant::now() + REFUSAL_PATIENCE));
        self.gateway.tasks.tracker().spawn(async move {
            let _permit = permit;
            if let Err(status) = usage.record_refusal(&call, request).await {
                tracing::debug!(error = status.message(), "a refusal was not logged");
            }
        });
    }
}
