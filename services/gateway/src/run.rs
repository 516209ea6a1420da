//! One request under way: what it asks for, who is asked now, and how long we ourselves have taken.

use crate::{
    Error,
    answers::{
        Keep, Kept, Whose,
        claim::{self, Claim, KeptAnswer},
        recorder::Recorder,
        similar::Meant,
        tail::Tail,
    },
    aside::Source,
    cached::MISS,
    config::Timers,
    guard::Guards,
    limits::Terms,
    operation::Operation,
    pivot::Pivot,
    plan::Candidate,
    provider::fault::{Fault, Kind},
    route::{policy::Policy, sticky::Conversation, turns::Turns},
    service::Inner,
    stored::{Stored, keep},
    ticket::Ticket,
    wire::request::Peek,
};
use bytes::Bytes;
use proto::{
    gateway::{Head, RateLimit},
    time,
    usage::{AdmitRequest, LimitKind, LimitState, Units},
};
use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// More than this is reserved for nobody: usage-metering takes no larger number.
const MOST_TOKENS: i64 = 1_000_000_000;
/// Usage-metering takes no more for one request.
const MOST_ATTEMPTS: usize = 64;
/// Beyond its total deadline an attempt holds its grant this long at most.
const MARGIN: Duration = Duration::from_secs(60);

/// What is known of the request is read as if it were of the run: [`Planned`].
pub(crate) struct Run {
    pub ticket: Arc<Ticket>,
    what: What,
    /// The place for the answer, where the client may ask for it again.
    claim: Mutex<Option<Claim>>,
    now: Mutex<Now>,
}

/// What is run.
#[expect(clippy::large_enum_variant, reason = "all but a few are planned for themselves")]
enum What {
    Own(Planned),
    /// The same as another run.
    Same(Arc<Run>),
}

impl Deref for Run {
    type Target = Planned;

    fn deref(&self) -> &Planned {
        match &self.what {
            What::Own(planned) => planned,
            What::Same(run) => run,
        }
    }
}

/// What the client asks for.
pub(crate) struct Asked {
    pub operation: Operation,
    pub body: Bytes,
    /// The body's media type.
    pub content_type: String,
    pub headers: HashMap<String, String>,
    pub peek: Peek,
    /// The same as a chat completion, where a provider needs that.
    pub pivot: Option<Pivot>,
    /// What a response is wanted for beside its answer.
    pub stored: Option<Stored>,
    /// There was a choice of providers, also where there is none any more.
    pub has_choice: bool,
}

/// What is known once a request has been read and planned.
pub(crate) struct Planned {
    pub asked: Asked,
    /// In the order in which they are tried; never empty.
    pub candidates: Vec<Candidate>,
    pub terms: Terms,
    pub policy: Policy,
    /// What the request is part of.
    pub conversation: Option<Conversation>,
    /// Whether the answer may be one that was given before, and may be given again.
    pub cache: Option<CacheUse>,
    /// What looks at the answer before the client sees it.
    pub guards: Option<Arc<Guards>>,
}

/// What a request does with kept answers.
pub(crate) struct CacheUse {
    pub keep: Keep,
    /// Kept answers are given.
    pub reads: bool,
    /// Requests that mean the same get the same answer.
    pub similar: Option<Similar>,
}

/// What is known of what a request means.
pub(crate) struct Similar {
    /// The model that makes embeddings.
    pub model: String,
    /// How close another one has to be.
    pub threshold: f64,
    pub tail: Tail,
    /// The embedding, once it is known.
    pub numbers: OnceLock<Bytes>,
}

/// What changes while the request runs.
#[derive(Default)]
struct Now {
    /// Which candidate is asked.
    candidate: usize,
    /// The how many-th is admitted.
    attempt: usize,
    limits: Vec<LimitState>,
    /// Fields that the provider that is asked now does not get.
    dropped: Vec<String>,
    /// Time that was the provider's.
    theirs: Duration,
    /// Since when we wait for the provider.
    waiting: Option<Instant>,
}

impl Run {
    pub(crate) fn new(ticket: Arc<Ticket>, planned: Planned) -> Self {
        Self { ticket, what: What::Own(planned), claim: Mutex::default(), now: Mutex::default() }
    }

    /// The same request, to be asked of another candidate at the same time.
    pub(crate) fn beside(run: &Arc<Self>) -> Self {
        let ticket = run.ticket.clone();
        Self { ticket, what: What::Same(run.clone()), claim: Mutex::default(), now: Mutex::default() }
    }

    /// Whose kept answers this request may get and leave.
    pub(crate) fn whose(&self) -> Whose<'_> {
        Whose { workspace: self.ticket.workspace, sealer: self.terms.sealer() }
    }

    fn claims(&self) -> &Mutex<Option<Claim>> {
        match &self.what {
            What::Own(_) => &self.claim,
            What::Same(run) => run.claims(),
        }
    }

    /// Whose turn it is, from the first attempt on.
    pub(crate) fn turns(&self) -> Turns {
        let most = usize::try_from(self.gateway().config.max_attempts).unwrap_or(1).clamp(1, MOST_ATTEMPTS);
        // The last bits of an id are random, and those before them draw the plan.
        let chance = (self.ticket.request.uuid().as_u64_pair().1 & 0xffff) as f64 / f64::from(0xffff);
        Turns::new(self.candidates.len(), most, self.policy.retries, self.deadline(), chance)
    }

    /// When the client has waited long enough.
    pub(crate) fn deadline(&self) -> Instant {
        self.ticket.arrived + self.policy.timers.total
    }

    /// The deadlines of an attempt that begins now.
    pub(crate) fn timers(&self) -> Timers {
        let total = self.deadline().saturating_duration_since(Instant::now());
        Timers { total, ..self.policy.timers }
    }

    /// How the response is kept, if it is.
    pub(crate) fn keeps(&self) -> Option<&keep::Keep> {
        self.asked.stored.as_ref()?.keep.as_ref()
    }

    /// The answer goes to this place.
    pub(crate) fn claimed(&self, claim: Claim) {
        *self.claims().lock().unwrap_or_else(PoisonError::into_inner) = Some(claim);
    }

    /// Whether the client may ask for the answer again, under its Idempotency-Key.
    pub(crate) fn is_claimed(&self) -> bool {
        self.claims().lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether it goes on where its client leaves, who may come back for the answer. An execution leaves what it does not want
    /// any more, such as when it is cancelled.
    pub(crate) fn outlives_client(&self) -> bool {
        self.is_claimed() && self.ticket.source != Source::Execution
    }

    /// What writes the answer down, if it may be given again.
    pub(crate) fn recorder(&self) -> Option<Recorder> {
        let claimed = self.is_claimed().then_some(claim::MOST_BYTES);
        self.cache.as_ref().map(|cache| cache.keep.most).max(claimed).map(Recorder::new)
    }

    /// The candidate that is asked now gave this answer.
    pub(crate) async fn keep(&self, recorder: Option<Recorder>, content_type: &str) {
        let Some(body) = recorder.and_then(Recorder::finish) else { return };
        if let Some(cache) = self.cache.as_ref().filter(|cache| body.len() <= cache.keep.most) {
            Box::pin(self.remember(cache, content_type, &body)).await;
        }
        Box::pin(self.keep_claimed(content_type, body)).await;
    }

    /// Whoever asks for the same, or for what means the same, gets this answer.
    async fn remember(&self, cache: &CacheUse, content_type: &str, body: &Bytes) {
        let (answers, whose, CacheUse { keep, similar, .. }) = (&self.gateway().answers, self.whose(), cache);
        let Candidate { provider, model, .. } = self.current().0;
        let kept = Kept {
            provider_id: provider.id.clone(),
            model: model.clone(),
            content_type: content_type.to_owned(),
            body: body.clone(),
        };
        answers.keep(whose, *keep, kept).await;
        let Some((similar, numbers)) = similar.as_ref().and_then(|s| Some((s, s.numbers.get()?.clone()))) else {
            return;
        };
        let until = self.gateway().clock.now() + keep.ttl;
        let (text, key) = (similar.tail.text.clone(), Bytes::copy_from_slice(&keep.key));
        let meant = Meant { text, numbers, key, until_ms: until.timestamp_millis() };
        answers.remember(whose, similar.tail.group, meant, keep.ttl).await;
    }

    /// Who repeats the request gets this answer.
    pub(crate) async fn keep_claimed(&self, content_type: &str, body: Bytes) {
        let claim = self.claims().lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(claim) = claim.filter(|_| body.len() <= claim::MOST_BYTES) else { return };
        let Candidate { provider, model, .. } = self.current().0;
        let (provider, model) = (provider.name.clone(), model.clone());
        claim.keep(KeptAnswer { content_type: content_type.to_owned(), provider, model, body }).await;
    }

    /// The candidate that is asked now answered this. Where another could have, it is known for what it thought in secret.
    pub(crate) fn thought(&self, answer: &[u8]) {
        if self.asked.has_choice {
            let provider = &self.current().0.provider;
            self.gateway().owners.note(self.ticket.workspace, &provider.id, answer);
        }
    }

    /// The conversation goes on where it was answered now.
    pub(crate) fn stick(&self, candidate: &Candidate) {
        if let Some(conversation) = self.conversation {
            let gateway = self.gateway();
            gateway.pins.set(conversation, gateway.healths.key(&candidate.provider.scope, &candidate.model));
        }
    }

    pub(crate) fn gateway(&self) -> &Arc<Inner> {
        &self.ticket.gateway
    }

    /// What to reserve for the `index`-th candidate, as the `attempt`-th that is admitted.
    pub(crate) fn admission(&self, index: usize, attempt: usize) -> AdmitRequest {
        let gateway = self.gateway();
        let candidate = &self.candidates[index];
        let Candidate { provider, model, .. } = candidate;
        let output = self.asked.peek.max_output;
        let output =
            output.unwrap_or_else(|| gateway.config.default_max_tokens.saturating_mul(self.asked.peek.choices));
        AdmitRequest {
            subject: Some(self.ticket.subject.clone()),
            attempt: i32::try_from(attempt).unwrap_or(i32::MAX),
            instance_id: gateway.instance.clone(),
            provider: provider.name.clone(),
            provider_kind: provider.kind.to_owned(),
            provider_id: provider.id.clone(),
            model: model.clone(),
            // Providers count for nothing.
            free: candidate.provider.free || self.asked.operation == Operation::CountTokens,
            estimated_tokens: self.asked.peek.input_estimate.saturating_add(output).min(MOST_TOKENS),
            estimated_input_tokens: self.asked.peek.input_estimate,
            expires_at: Some(time::to_proto(gateway.clock.now() + self.timers().total + MARGIN)),
            max_output_tokens: self.asked.peek.max_output.unwrap_or(0).min(MOST_TOKENS),
            units: Some(self.asked.peek.units.clone()).filter(|units| *units != Units::default()),
            ..self.terms.admission_of(candidate, &self.asked.peek.model, self.asked.peek.stream)
        }
    }

    /// The `index`-th candidate is being tried as the `attempt`-th, and limits stand like this.
    pub(crate) fn trying(&self, index: usize, attempt: usize, limits: Vec<LimitState>) {
        let mut now = self.lock();
        (now.candidate, now.attempt) = (index, attempt);
        now.limits = limits;
        now.dropped.clear();
    }

    /// The how many-th attempt was made beside the one that is heard.
    pub(crate) fn also(&self, attempt: usize) {
        let mut now = self.lock();
        now.attempt = now.attempt.max(attempt);
    }

    /// The provider that is asked now does not get these fields.
    pub(crate) fn without(&self, fields: &[String]) {
        let dropped = &mut self.lock().dropped;
        let new = fields.iter().filter(|name| !dropped.contains(name)).cloned().collect::<Vec<_>>();
        dropped.extend(new);
    }

    /// The fields that the provider that is asked now does not get.
    pub(crate) fn lost(&self) -> Vec<String> {
        self.lock().dropped.clone()
    }

    /// Waits for the provider, on its time.
    pub(crate) async fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.lock().waiting = Some(Instant::now());
        let result = work.await;
        let mut now = self.lock();
        if let Some(since) = now.waiting.take() {
            now.theirs += since.elapsed();
        }
        result
    }

    /// The head of the answer as things stand.
    pub(crate) fn head(&self, status: u16, content_type: &str, retry_after: Option<Duration>) -> Head {
        let now = self.lock();
        let candidate = &self.candidates[now.candidate];
        let theirs = now.theirs + now.waiting.map(|since| since.elapsed()).unwrap_or_default();
        let ours = self.ticket.arrived.elapsed().saturating_sub(theirs);
        Head {
            status: i32::from(status),
            content_type: content_type.to_owned(),
            provider: candidate.provider.name.clone(),
            model: candidate.model.clone(),
            attempts: i32::try_from(now.attempt.max(1)).unwrap_or(i32::MAX),
            overhead_us: i64::try_from(ours.as_micros()).unwrap_or(i64::MAX),
            dropped: now.dropped.clone(),
            rate_limits: tightest(&now.limits),
            guardrails: self.ticket.tally.all(),
            cache: if self.cache.is_some() { MISS.to_owned() } else { String::new() },
            replayed: false,
            retry_after: retry_after.map(|wait| i32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)),
        }
    }

    /// Who is asked now, and the how many-th attempt that is.
    pub(crate) fn current(&self) -> (&Candidate, u32) {
        let Now { candidate, attempt, .. } = *self.lock();
        (&self.candidates[candidate], u32::try_from(attempt.max(1)).unwrap_or(u32::MAX))
    }

    /// What the caller hears of a fault of the provider that is asked now.
    pub(crate) fn failure(&self, fault: Fault) -> Error {
        let (Candidate { provider, .. }, attempts) = self.current();
        Error::Upstream { fault: self.concealed(fault), provider: provider.name.clone(), attempts }
    }

    /// The fault without the credential of the provider that is asked now, which what it says may show.
    pub(crate) fn concealed(&self, mut fault: Fault) -> Fault {
        let (Candidate { provider, .. }, _) = self.current();
        match &mut fault.kind {
            Kind::Reported(said) if provider.tells_secret(said.as_bytes()) => said.clear(),
            Kind::Malformed(what) if provider.tells_secret(what.as_bytes()) => {
                "its head repeats the credential".clone_into(what);
            }
            _ => {}
        }
        fault
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Of each kind that OpenAI's headers know, the limit of which least is left. Soft ones refuse nothing.
fn tightest(limits: &[LimitState]) -> Vec<RateLimit> {
    let kinds = [(LimitKind::RequestsPerMinute, "requests"), (LimitKind::TokensPerMinute, "tokens")];
    let of_kind = |(kind, name): (LimitKind, &str)| {
        let tight = limits.iter().filter(|l| l.kind() == kind && !l.soft).min_by_key(|l| l.remaining)?;
        Some(RateLimit {
            kind: name.to_owned(),
            limit: tight.limit,
            remaining: tight.remaining,
            reset_ms: tight.reset_ms,
        })
    };
    kinds.into_iter().filter_map(of_kind).collect()
}
