//! Why did a request go where it went? Written down only for who asks for it, and read in the request's log.

use crate::{
    cache::prices::{Quotes, Seller},
    meter::Meter,
    plan::{Candidate, Rank},
    provider::Provider,
    route::{health::State, policy::Policy},
};
use proto::{
    id::WorkspaceId,
    routing::{StickyBy, Strategy},
    usage::CredentialOwner,
};
use serde::Serialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Candidates, providers left out, and attempts that are told of.
const MOST: usize = 24;
/// A longer explanation is not kept.
pub(crate) const MOST_BYTES: usize = 32 * 1024;

/// What is noted of one request on its way.
pub(crate) struct Trail(Mutex<Explanation>);

/// As it is read.
#[derive(Clone, Serialize)]
struct Explanation {
    requested_model: String,
    /// Whether that is a virtual model.
    is_alias: bool,
    strategy: &'static str,
    /// What keeps requests together, and whether this one was kept.
    sticky: Sticky,
    /// Who could have answered, in the order in which they were to be asked.
    candidates: Vec<Told>,
    left_out: Vec<LeftOut>,
    attempts: Vec<Attempt>,
    total_deadline_ms: u64,
    #[serde(skip)]
    priced: Priced,
}

#[derive(Clone, Serialize)]
struct Sticky {
    by: &'static str,
    /// It belongs to a conversation.
    conversation: bool,
    /// Which went to one of the candidates before.
    pinned: bool,
}

#[derive(Clone, Serialize)]
struct Told {
    provider: String,
    model: String,
    /// Whose credential: `workspace`, `platform` or `simulator`.
    credential: &'static str,
    /// What put it in its place among its equals, and the number that it was judged by.
    by: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<i64>,
    breaker: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_ms: Option<u64>,
    /// The most that the request costs there, in nano-units of `currency`. Null: nobody knows.
    price_bound_nanos: Option<i64>,
    currency: String,
    /// Whether it answered, or why it did not.
    outcome: String,
    #[serde(skip)]
    seller: Seller,
    #[serde(skip)]
    is_free: bool,
}

#[derive(Clone, Serialize)]
struct LeftOut {
    provider: String,
    why: &'static str,
}

#[derive(Clone, Serialize)]
struct Attempt {
    attempt: usize,
    provider: String,
    model: String,
    /// Since the request arrived.
    began_ms: u64,
    /// Each since the phase before it; null: it was not reached.
    admission_ms: u64,
    head_ms: Option<u64>,
    first_content_ms: Option<u64>,
    /// Until it was lost, or its answer began.
    total_ms: u64,
    status: Option<u16>,
    fault: Option<String>,
    #[serde(skip)]
    began: Instant,
    #[serde(skip)]
    admitted: Instant,
    #[serde(skip)]
    place: usize,
}

/// What prices are looked up with.
#[derive(Clone)]
pub(crate) struct Priced {
    pub quotes: Arc<Quotes>,
    pub workspace: WorkspaceId,
    pub currency: String,
    /// Tokens.
    pub input: i64,
    pub output: i64,
}

/// What is known when the plan is made.
pub(crate) struct Known<'a> {
    pub requested_model: &'a str,
    pub is_alias: bool,
    pub policy: &'a Policy,
    pub is_conversation: bool,
    pub candidates: &'a [Candidate],
    pub providers: &'a [Arc<Provider>],
    /// What the platform offers.
    pub platform: &'a [Arc<Provider>],
    pub priced: Priced,
}

impl Trail {
    pub(crate) fn new(known: Known<'_>) -> Self {
        let Known { requested_model, is_alias, policy, is_conversation, candidates, providers, platform, priced } =
            known;
        let pinned = candidates.iter().any(|candidate| candidate.rank == Rank::Sticky);
        let left_out = providers.iter().chain(platform);
        let left_out = left_out.filter(|p| !candidates.iter().any(|c| c.provider.id == p.id));
        let left_out = left_out.map(|p| LeftOut { provider: p.name.clone(), why: why_not(p) });
        Self(Mutex::new(Explanation {
            requested_model: requested_model.to_owned(),
            is_alias,
            strategy: strategy(policy.strategy),
            sticky: Sticky { by: sticky(policy.sticky.by), conversation: is_conversation, pinned },
            candidates: candidates.iter().take(MOST).map(told).collect(),
            left_out: left_out.take(MOST).collect(),
            attempts: vec![],
            total_deadline_ms: millis(policy.timers.total),
            priced,
        }))
    }

    /// The candidate in this place is put off: another request is seeing whether it is back.
    pub(crate) fn put_off(&self, place: usize) {
        self.outcome(place, "put off: another request was seeing whether it is back".to_owned());
    }

    /// The candidate in this place has no price while a budget applies.
    pub(crate) fn unpriced(&self, place: usize) {
        self.outcome(place, "passed over: it has no price, and a budget applies".to_owned());
    }

    /// The candidate in this place is the platform's, and the plan is used up.
    pub(crate) fn beyond_plan(&self, place: usize) {
        self.outcome(place, "passed over: what the plan allows of the platform's providers is used up".to_owned());
    }

    /// Admission of an attempt was asked for when it `began`, and was granted now.
    pub(crate) fn admitted(
        &self,
        place: usize,
        number: usize,
        candidate: &Candidate,
        arrived: Instant,
        began: Instant,
    ) {
        let mut explanation = self.lock();
        let now = Instant::now();
        if explanation.attempts.len() < MOST {
            explanation.attempts.push(Attempt {
                attempt: number,
                provider: candidate.provider.name.clone(),
                model: candidate.model.clone(),
                began_ms: millis(began - arrived),
                admission_ms: millis(now - began),
                head_ms: None,
                first_content_ms: None,
                total_ms: 0,
                status: None,
                fault: None,
                began,
                admitted: now,
                place,
            });
        }
    }

    /// The attempt of this number answered, or failed like this.
    pub(crate) fn ended(&self, number: usize, meter: &Meter, fault: Option<String>) {
        let mut explanation = self.lock();
        let of = |attempt: &&mut Attempt| attempt.attempt == number;
        let Some(attempt) = explanation.attempts.iter_mut().find(of) else { return };
        attempt.head_ms = meter.head().map(|head| millis(head.saturating_duration_since(attempt.admitted)));
        let head = meter.head().unwrap_or(attempt.admitted);
        attempt.first_content_ms = meter.first().map(|first| millis(first.saturating_duration_since(head)));
        attempt.total_ms = millis(attempt.began.elapsed());
        attempt.status = (meter.status != 0).then_some(meter.status);
        attempt.fault.clone_from(&fault);
        let place = attempt.place;
        drop(explanation);
        self.outcome(place, fault.map_or_else(|| "answered".to_owned(), |fault| format!("failed: it {fault}")));
    }

    /// The attempt of this number was left, because another one was sooner.
    pub(crate) fn left(&self, number: usize) {
        let mut explanation = self.lock();
        let Some(attempt) = explanation.attempts.iter_mut().find(|attempt| attempt.attempt == number) else { return };
        attempt.total_ms = millis(attempt.began.elapsed());
        attempt.fault = Some("was left: another one answered sooner".to_owned());
        let place = attempt.place;
        drop(explanation);
        self.outcome(place, "left: another one answered sooner".to_owned());
    }

    /// All of it as JSON, as things stand; empty where it is too long to be kept.
    pub(crate) fn to_json(&self) -> String {
        let mut explanation = self.lock().clone();
        let Priced { quotes, workspace, currency, input, output } = explanation.priced.clone();
        for told in &mut explanation.candidates {
            told.currency.clone_from(&currency);
            told.price_bound_nanos = if told.is_free {
                Some(0)
            } else {
                quotes.known(workspace, told.seller, &told.model).map(|quote| quote.bound(input, output))
            };
        }
        let text = serde_json::to_string(&explanation).unwrap_or_default();
        if text.len() <= MOST_BYTES { text } else { String::new() }
    }

    fn outcome(&self, place: usize, outcome: String) {
        if let Some(told) = self.lock().candidates.get_mut(place) {
            told.outcome = outcome;
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Explanation> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn told(candidate: &Candidate) -> Told {
    let (by, value) = match candidate.rank {
        Rank::Alone => ("priority", None),
        Rank::Drawn(weight) => ("weight", i64::try_from(weight).ok()),
        Rank::Latency(ms) => ("latency", ms.and_then(|ms| i64::try_from(ms).ok())),
        Rank::Cost(nanos) => ("cost", nanos),
        Rank::Busy(count) => ("least_busy", Some(i64::from(count))),
        Rank::Sticky => ("sticky", None),
    };
    let (breaker, open_ms) = match candidate.health.state() {
        State::Closed => ("closed", None),
        State::Open(left) => ("open", Some(millis(left))),
        State::HalfOpen => ("half_open", None),
    };
    Told {
        provider: candidate.provider.name.clone(),
        model: candidate.model.clone(),
        credential: credential(candidate.provider.credential_owner()),
        by,
        value,
        breaker,
        open_ms,
        price_bound_nanos: None,
        currency: String::new(),
        outcome: "not needed".to_owned(),
        seller: Seller::of(&candidate.provider),
        is_free: candidate.provider.free,
    }
}

/// Why a provider is no candidate.
const fn why_not(provider: &Provider) -> &'static str {
    if provider.is_platform() {
        "it does not serve this model, or a provider of the workspace does"
    } else {
        "it does not serve this model"
    }
}

const fn credential(owner: CredentialOwner) -> &'static str {
    match owner {
        CredentialOwner::Platform => "platform",
        CredentialOwner::Simulator => "simulator",
        CredentialOwner::Workspace | CredentialOwner::Unspecified => "workspace",
    }
}

const fn strategy(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::Unspecified | Strategy::Weighted => "weighted",
        Strategy::Latency => "latency",
        Strategy::Cost => "cost",
        Strategy::LeastBusy => "least_busy",
    }
}

const fn sticky(by: StickyBy) -> &'static str {
    match by {
        StickyBy::Unspecified | StickyBy::PromptCacheKey => "prompt_cache_key",
        StickyBy::Conversation => "conversation",
        StickyBy::Nothing => "nothing",
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
