//! What is known of a provider and model from how its calls end: whether it is left alone for a while, how soon it
//! answers, how much it has to do.
//!
//! Nothing is asked for this. It is remembered in this process only, for as many pairs as were called of late.

use super::policy::Breaker;
use crate::provider::fault::Fault;
use host::metrics::{at_scrape, gauge_vec};
use moka::sync::Cache;
use std::{
    hash::{BuildHasher as _, RandomState},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Pairs of provider and model that are remembered; names of models come from clients.
const MOST: u64 = 10_000;
/// What nobody called this long is forgotten.
const UNUSED: Duration = Duration::from_secs(600);
/// A breaker that opens again at once stays open up to this many times as long.
const MOST_DOUBLINGS: u32 = 3;
/// The longest that a provider is left alone because it asked for it.
const LONGEST_COOLDOWN: Duration = Duration::from_secs(300);
/// A latency that was seen longer ago says nothing about now.
const FRESH: Duration = Duration::from_secs(60);
/// How much the newest latency counts: one part of so many.
const SMOOTHING: u32 = 5;

/// What is known of every provider and model.
pub(crate) struct Healths {
    known: Arc<Cache<u64, Arc<Health>>>,
    hasher: RandomState,
}

/// What is known of one provider and model.
#[derive(Default)]
pub(crate) struct Health {
    /// Of the provider.
    kind: &'static str,
    facts: Mutex<Facts>,
}

#[derive(Default)]
struct Facts {
    /// Failures since the last success.
    failures: u32,
    /// How often it was opened since the last success.
    opened: u32,
    /// Left alone until then. Some and past: half open.
    until: Option<Instant>,
    /// One request is seeing whether it is back.
    probing: bool,
    under_way: u32,
    latency: Option<(Duration, Instant)>,
}

/// Whether a provider may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Closed,
    /// To be left alone for so long.
    Open(Duration),
    /// One request may see whether it is back.
    HalfOpen,
}

/// How a breaker changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Opened,
    Closed,
}

/// One call under way. Dropped without a word, it says nothing about the provider.
pub(crate) struct Visit {
    health: Arc<Health>,
    is_probe: bool,
}

impl Healths {
    pub(crate) fn new() -> Self {
        let known = Cache::builder().max_capacity(MOST).time_to_idle(UNUSED).build();
        Self { known: Arc::new(known), hasher: RandomState::new() }
    }

    /// A number that stands for a provider and model in this process. Two pairs share one as good as never, and then
    /// share what is known of them.
    pub(crate) fn key(&self, provider_id: &str, model: &str) -> u64 {
        self.hasher.hash_one((provider_id, model))
    }

    /// What is known of it.
    pub(crate) fn of(&self, kind: &'static str, provider_id: &str, model: &str) -> Arc<Health> {
        let unknown = || Arc::new(Health { kind, facts: Mutex::default() });
        self.known.get_with(self.key(provider_id, model), unknown)
    }

    /// The same, of which whoever reads metrics sees how many are left alone.
    pub(crate) fn shown(self) -> Self {
        let open = gauge_vec(
            "perpetuo_gateway_breakers_open",
            "Pairs of provider and model that this process leaves alone now, because calls of them failed.",
            &["provider_kind"],
        );
        let known = Arc::downgrade(&self.known);
        at_scrape(move || {
            let Some(known) = known.upgrade() else { return false };
            open.reset();
            for (_, health) in known.iter() {
                let is_open = matches!(health.state(), State::Open(_));
                open.with_label_values(&[health.kind]).add(i64::from(is_open));
            }
            true
        });
        self
    }
}

impl Health {
    pub(crate) fn state(&self) -> State {
        self.facts().state(Instant::now())
    }

    /// Requests of ours under way.
    pub(crate) fn under_way(&self) -> u32 {
        self.facts().under_way
    }

    /// Until it begins to answer, of late. None: nobody knows.
    pub(crate) fn latency(&self) -> Option<Duration> {
        self.facts().latency.filter(|(_, at)| at.elapsed() < FRESH).map(|(latency, _)| latency)
    }

    /// A call begins. None: another one is seeing whether the provider is back, and this one need not, unless it `must`.
    pub(crate) fn enter(self: &Arc<Self>, must: bool) -> Option<Visit> {
        let mut facts = self.facts();
        let is_probe = match facts.state(Instant::now()) {
            State::HalfOpen => {
                facts.probing = true;
                true
            }
            State::Open(_) if !must => return None,
            State::Open(_) | State::Closed => false,
        };
        facts.under_way += 1;
        Some(Visit { health: self.clone(), is_probe })
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Facts {
    fn state(&self, now: Instant) -> State {
        match self.until {
            None => State::Closed,
            Some(until) if until > now => State::Open(until - now),
            Some(_) if self.probing => State::Open(Duration::ZERO),
            Some(_) => State::HalfOpen,
        }
    }

    fn open(&mut self, now: Instant, at_least: Duration, breaker: Breaker) {
        let again = breaker.open.saturating_mul(1 << self.opened.min(MOST_DOUBLINGS));
        let (failing, asked) = (self.failures >= breaker.failures, at_least.min(LONGEST_COOLDOWN));
        let time = if failing { again.max(asked) } else { asked };
        self.opened += u32::from(failing);
        self.until = Some(now + time);
    }
}

impl Visit {
    /// It answered, after so long.
    pub(crate) fn succeeded(&self, latency: Option<Duration>) -> Option<Change> {
        let mut facts = self.health.facts();
        let change = facts.until.is_some().then_some(Change::Closed);
        (facts.failures, facts.opened, facts.until, facts.probing) = (0, 0, None, false);
        if let Some(new) = latency {
            let now = Instant::now();
            let old = facts.latency.filter(|(_, at)| now - *at < FRESH).map_or(new, |(old, _)| old);
            facts.latency = Some(((old * (SMOOTHING - 1) + new) / SMOOTHING, now));
        }
        change
    }

    /// It did not.
    pub(crate) fn failed(&self, fault: &Fault, breaker: Breaker) -> Option<Change> {
        // What it refuses in a request says nothing about the provider.
        if breaker.failures == 0 || !fault.is_worth_another() {
            return None;
        }
        let now = Instant::now();
        let mut facts = self.health.facts();
        facts.failures = facts.failures.saturating_add(1);
        let is_open = matches!(facts.state(now), State::Open(_)) && !self.is_probe;
        let asked = fault.retry_after.filter(|wait| !wait.is_zero());
        if is_open || (facts.failures < breaker.failures && asked.is_none() && !self.is_probe) {
            return None;
        }
        if self.is_probe {
            facts.failures = facts.failures.max(breaker.failures);
        }
        facts.open(now, asked.unwrap_or_default(), breaker);
        Some(Change::Opened)
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        let mut facts = self.health.facts();
        facts.under_way = facts.under_way.saturating_sub(1);
        if self.is_probe {
            facts.probing = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BREAKER: Breaker = Breaker { failures: 3, open: Duration::from_secs(10) };

    fn busy(retry_after: Option<Duration>) -> Fault {
        Fault::of_status(503, retry_after).expect("a fault")
    }

    fn fail(health: &Arc<Health>) -> Option<Change> {
        health.enter(true).expect("a visit").failed(&busy(None), BREAKER)
    }

    #[tokio::test(start_paused = true)]
    async fn after_some_failures_in_a_row_it_is_left_alone_then_asked_once() {
        let health = Arc::new(Health::default());
        assert_eq!((fail(&health), fail(&health)), (None, None));
        assert_eq!(health.enter(false).expect("a visit").succeeded(None), None);
        assert_eq!((fail(&health), fail(&health), fail(&health)), (None, None, Some(Change::Opened)));
        assert_eq!(health.state(), State::Open(BREAKER.open));
        assert!(health.enter(false).is_none());
        tokio::time::advance(BREAKER.open).await;
        assert_eq!(health.state(), State::HalfOpen);
        let probe = health.enter(false).expect("the one that sees whether it is back");
        assert!(health.enter(false).is_none(), "one is enough");
        assert_eq!(probe.succeeded(None), Some(Change::Closed));
        drop(probe);
        assert_eq!((health.state(), health.under_way()), (State::Closed, 0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_fails_doubles_the_time_up_to_eight_times() {
        let health = Arc::new(Health::default());
        let mut times = vec![];
        for _ in 0..3 {
            fail(&health);
        }
        for _ in 0..5 {
            let State::Open(left) = health.state() else { panic!("{:?}", health.state()) };
            times.push(left.as_secs());
            tokio::time::advance(left).await;
            assert_eq!(fail(&health), Some(Change::Opened));
        }
        assert_eq!(times, [10, 20, 40, 80, 80]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_whose_client_leaves_makes_room_for_the_next() {
        let health = Arc::new(Health::default());
        for _ in 0..3 {
            fail(&health);
        }
        tokio::time::advance(BREAKER.open).await;
        drop(health.enter(false).expect("a probe"));
        assert_eq!(health.state(), State::HalfOpen);
    }

    #[tokio::test(start_paused = true)]
    async fn a_provider_that_asks_to_be_left_alone_is_for_that_long() {
        let health = Arc::new(Health::default());
        let wait = Duration::from_secs(7);
        let visit = health.enter(false).expect("a visit");
        assert_eq!(visit.failed(&busy(Some(wait)), BREAKER), Some(Change::Opened));
        drop(visit);
        assert_eq!(health.state(), State::Open(wait));
        tokio::time::advance(wait).await;
        let probe = health.enter(false).expect("a probe");
        assert_eq!(probe.failed(&busy(Some(Duration::from_secs(86_400))), BREAKER), Some(Change::Opened));
        drop(probe);
        assert_eq!(health.state(), State::Open(LONGEST_COOLDOWN));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_provider_refuses_in_a_request_is_not_its_failure() {
        let health = Arc::new(Health::default());
        for _ in 0..9 {
            let fault = Fault::of_status(400, None).expect("a fault");
            assert_eq!(health.enter(false).expect("a visit").failed(&fault, BREAKER), None);
        }
        assert_eq!(health.state(), State::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn latency_is_a_moving_average_and_grows_stale() {
        let health = Arc::new(Health::default());
        let visit = health.enter(false).expect("a visit");
        visit.succeeded(Some(Duration::from_millis(100)));
        visit.succeeded(Some(Duration::from_millis(600)));
        assert_eq!((health.latency(), health.under_way()), (Some(Duration::from_millis(200)), 1));
        tokio::time::advance(FRESH).await;
        assert_eq!(health.latency(), None);
    }

    #[test]
    fn memory_is_bounded_whatever_models_clients_invent() {
        let healths = Healths::new();
        for number in 0..MOST + 5_000 {
            healths.of("openai", "prov_1", &number.to_string());
        }
        healths.known.run_pending_tasks();
        assert!(healths.known.entry_count() <= MOST, "{}", healths.known.entry_count());
    }
}
