//! What several processes admit from Redis and from what they hold of it, in any order: no limit is passed, everything is
//! counted in the end, and nothing stays held.

use super::*;
use crate::{
    Config,
    calendar::{Period, Span},
    counter::Counters,
    event::{Admitted, Event},
    fold::{Batch, fold},
    limit::{Kind, Owner, Quota, Spent, TOKENS, to_text},
};
use chrono::DateTime;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use std::sync::{Arc, atomic::AtomicBool};
use store::SystemTx;

const NOW: i64 = 1_800_000_000_000;
const EXPIRES: i64 = NOW + 600_000;
const AT_ONCE: i64 = 5;
const A_MINUTE: i64 = 3_200;
const A_DAY: i64 = 3_000;
/// Histories of one set of processes.
const SET: usize = 25;

#[derive(Clone, Debug)]
enum Step {
    /// The process asks Redis.
    Ask { process: usize, cost: i64 },
    /// It takes Redis for dead.
    Hold { process: usize, cost: i64 },
    /// One that runs ends, and this process hears of it.
    End { process: usize, nth: usize, used: i64 },
    /// Somebody who held something has died: the slot is closed, and opened again from the tables.
    Close,
    /// Time for what processes do beside it.
    Wait,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let process = || 0usize..3;
    let step = prop_oneof![
        4 => (process(), 1i64..400).prop_map(|(process, cost)| Step::Ask { process, cost }),
        4 => (process(), 1i64..300).prop_map(|(process, cost)| Step::Hold { process, cost }),
        5 => (process(), 0usize..5, 0i64..400).prop_map(|(process, nth, used)| Step::End { process, nth, used }),
        1 => Just(Step::Close),
        1 => Just(Step::Wait),
    ];
    prop::collection::vec(step, 5..50)
}

/// Processes on the same tables, and what runs in one workspace.
struct Play {
    processes: Arc<Vec<Counters>>,
    workspace: Uuid,
    running: Vec<(Reservation, i64)>,
    /// Used by what has ended, and reserved by what runs.
    tokens: i64,
    held: usize,
}

fn limits(cost: i64) -> Vec<Limit> {
    let span = Span { start: 1_800_000_000, end: Some(1_800_086_400) };
    let quota = Quota { resource: TOKENS.to_owned(), currency: String::new(), period: Period::Day, span };
    let limit = |kind, limit, cost| {
        let (owner, id, surface) = (Owner::Workspace, "x".to_owned(), String::new());
        Limit { owner, id, surface, kind, limit, cost, least: cost, soft: false }
    };
    vec![
        limit(Kind::Concurrency, AT_ONCE, 1),
        limit(Kind::Tokens, A_MINUTE, cost),
        limit(Kind::Quota(Box::new(quota)), A_DAY, cost),
    ]
}

async fn processes(url: &str) -> Vec<Counters> {
    let fresh = store::testing::sqlite(&crate::SCHEMA).await;
    let db = Db::open(&fresh.backend, &crate::SCHEMA).unwrap();
    // The files live as long as the process.
    std::mem::forget(fresh);
    // All of this is one moment.
    let (clock, _) = Clock::manual(DateTime::from_timestamp_millis(NOW).unwrap());
    let new = |_| {
        let (timeout, grace) = (Duration::from_secs(5), Duration::from_secs(1));
        let ids = Ids::new(Clock::system());
        let redis = Redis::new(&Secret::from(url.to_owned()), timeout, grace, db.clone(), clock.clone(), ids);
        Counters::Redis(Box::new(redis.unwrap()))
    };
    (0..3).map(new).collect()
}

fn redis(counters: &Counters) -> &Redis {
    match counters {
        Counters::Redis(redis) => redis,
        Counters::Memory(_) => unreachable!("processes share a Redis"),
    }
}

impl Play {
    fn process(&self, n: usize) -> &Redis {
        redis(&self.processes[n])
    }

    /// As an admission and its end reach the tables.
    async fn write(&self, event: Option<Event>, gone: Option<GrantKey>) {
        let mut tx = SystemTx::begin(&self.process(0).db, "test").await.unwrap();
        let batch = Batch { withdrawn: gone.as_slice(), events: event.iter().collect(), refusals: &[] };
        fold(&mut tx, &batch, &Config::default().prices().unwrap()).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn admitted(&mut self, reservation: Reservation, cost: i64) {
        self.tokens += cost;
        let admitted = Admitted {
            workspace: self.workspace.into(),
            request: reservation.key.request.into(),
            attempt: 1,
            reserved: to_text(&reservation.limits, &reservation.ticket),
            created_at: NOW * 1_000,
            admitted_at: NOW * 1_000,
            expires_at: EXPIRES * 1_000,
            ..Admitted::default()
        };
        self.write(Some(Event::Admitted(Box::new(admitted))), None).await;
        self.running.push((reservation, cost));
        assert!(self.running.len() as i64 <= AT_ONCE, "{} at once", self.running.len());
        assert!(self.tokens <= A_DAY.min(A_MINUTE), "{} of {A_DAY} tokens", self.tokens);
    }

    fn asked(&self, n: u128, cost: i64) -> Reservation {
        let key = GrantKey { workspace: self.workspace, request: Uuid::from_u128(n + 1), attempt: 1 };
        Reservation::new(key, limits(cost), EXPIRES)
    }

    async fn ask(&mut self, n: u128, process: usize, cost: i64) {
        let mut asked = self.asked(n, cost);
        if let Ok(Verdict::Reserved(_)) = self.process(process).reserve(&mut asked, NOW).await {
            self.admitted(asked, cost).await;
        }
    }

    async fn hold(&mut self, n: u128, process: usize, cost: i64) {
        let mut asked = self.asked(n, cost);
        let redis = self.process(process);
        asked.ticket = redis.ticket();
        for _ in 0..10 {
            if redis.leases.fits(&asked, NOW) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        if redis.reserve_held(&mut asked, NOW).await.is_some() {
            self.held += 1;
            self.admitted(asked, cost).await;
        }
    }

    async fn end(&mut self, process: usize, nth: usize, used: i64) {
        let (reservation, cost) = self.running.remove(nth);
        let used = used.min(cost);
        let spent = Spent { tokens: used, ..Spent::default() };
        self.processes[process].release(&reservation.key, &reservation.limits, Some(&spent), NOW).await;
        self.tokens -= cost - used;
        self.write(None, Some(reservation.key)).await;
    }

    async fn close(&self) {
        let (redis, slot) = (self.process(0), Slot::Tenant(self.workspace));
        let epoch = redis.epoch().await.unwrap();
        let mut call = redis.scripts.close.prepare_invoke();
        // So long ago that all of it is in the tables.
        call.key(slot.state()).key(slot.closed()).arg(&epoch.epoch).arg(NOW - 60_000);
        call.invoke_async::<i64>(&mut redis.manager()).await.unwrap();
    }

    async fn step(&mut self, n: u128, step: &Step) {
        match *step {
            Step::Ask { process, cost } => self.ask(n, process, cost).await,
            Step::Hold { process, cost } => self.hold(n, process, cost).await,
            Step::End { process, nth, used } if nth < self.running.len() => self.end(process, nth, used).await,
            Step::Close => self.close().await,
            Step::Wait => tokio::time::sleep(Duration::from_millis(5)).await,
            Step::End { .. } => {}
        }
    }

    async fn used(&self) -> Option<Vec<i64>> {
        match self.process(0).peek(self.workspace, &limits(0), NOW).await {
            Ok(Verdict::Reserved(standings)) => Some(standings.iter().map(|standing| standing.used).collect()),
            _ => None,
        }
    }

    /// All that Redis and the processes have of this workspace.
    async fn known(&self) -> String {
        let mut manager = self.process(0).manager();
        let pattern = format!("{}:*", Slot::Tenant(self.workspace).prefix().replace('[', ""));
        let keys: Vec<String> = ::redis::cmd("KEYS").arg(pattern).query_async(&mut manager).await.unwrap();
        let mut known = vec![];
        for key in keys {
            let fields: Result<Vec<String>, _> = ::redis::cmd("HGETALL").arg(&key).query_async(&mut manager).await;
            known.push(format!("{key}: {fields:?}"));
        }
        for process in self.processes.iter() {
            let state = redis(process).leases.state();
            known.push(format!("{:?} {:?}", state.tenure, state.returning.len()));
        }
        known.join("\n")
    }

    /// What is held of each limit by rights that ended because a process that stood still could not renew them; None: there
    /// are none. They lapse, and are counted from the tables, after a time that does not pass here.
    async fn held_by_nobody(&self) -> Option<Vec<i64>> {
        let slot = Slot::Tenant(self.workspace);
        let holders = self.process(0).holders(&slot).await.unwrap();
        let id = |process: &Counters| redis(process).leases.state().tenure.as_ref().map(|tenure| tenure.id.clone());
        let current: Vec<_> = self.processes.iter().filter_map(id).collect();
        let lost: Vec<_> = holders.into_iter().filter(|holder| !current.contains(holder)).collect();
        if lost.is_empty() {
            return None;
        }
        let mut manager = self.process(0).manager();
        let held: Vec<(String, i64)> =
            ::redis::cmd("HGETALL").arg(slot.leases()).query_async(&mut manager).await.unwrap();
        let of = |limit: &Limit| {
            let key = format!("{}:{}|", slot.prefix(), slot::counter(limit));
            let is_lost = |field: &str| lost.iter().any(|id| field.ends_with(&format!("|{id}")));
            held.iter().filter(|(field, _)| field.starts_with(&key) && is_lost(field)).map(|(_, amount)| amount).sum()
        };
        Some(limits(0).iter().map(of).collect())
    }

    /// Everything that was admitted is known to Redis in the end.
    async fn is_counted(&self, steps: &[Step]) {
        let expected = [self.running.len() as i64, self.tokens, self.tokens];
        let mut last = None;
        for _ in 0..200 {
            last = self.used().await;
            // What was given back of a bucket that was empty is lost to it: it may count more.
            let is_so = |used: &Vec<i64>| used[0] == expected[0] && used[1] >= expected[1] && used[2] == expected[2];
            if last.as_ref().is_some_and(is_so) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Until it lapses, what a right held that has ended counts as taken, and covers what was admitted from it.
        if let (Some(held), Some(used)) = (self.held_by_nobody().await, &last)
            && (0..expected.len()).all(|limit| used[limit] + held[limit] >= expected[limit])
        {
            return;
        }
        let known = self.known().await;
        panic!("{last:?} are counted of {expected:?} after {steps:?}: {known}");
    }
}

async fn load(counters: &Counters, workspace: Uuid) {
    let limits = limits(0);
    let begun = counters.begin_load(workspace, &limits[2], NOW).await.unwrap();
    assert!(counters.install(workspace, &limits[2], begun, &Reading::default()).await.unwrap());
}

/// What processes do beside their requests, as often as the machine can.
async fn tend(processes: &[Counters], is_over: &AtomicBool) {
    while !is_over.load(Ordering::SeqCst) {
        for process in processes {
            redis(process).leases.state().hurry();
            *redis(process).tending.lock().await = hold::Done::default();
            redis(process).tend_leases().await;
            redis(process).retry().await;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How many were admitted without Redis.
async fn play_some(url: &str, histories: Vec<Vec<Step>>) -> usize {
    let processes = Arc::new(processes(url).await);
    let is_over = AtomicBool::new(false);
    let all = histories.iter().map(async |steps| {
        let workspace = Ids::new(Clock::system()).uuid();
        let mut play = Play { processes: processes.clone(), workspace, running: vec![], tokens: 0, held: 0 };
        play.close().await;
        let _ = play.used().await;
        load(&play.processes[0], workspace).await;
        for (n, step) in steps.iter().enumerate() {
            play.step(n as u128, step).await;
        }
        play.is_counted(steps).await;
        play.held
    });
    let played = async {
        let held = futures::future::join_all(all).await;
        is_over.store(true, Ordering::SeqCst);
        held.into_iter().sum()
    };
    tokio::join!(played, tend(&processes, &is_over)).0
}

#[tokio::test]
async fn whatever_is_admitted_with_or_without_redis_passes_no_limit_and_is_counted_in_the_end() {
    #[expect(clippy::disallowed_methods, reason = "the test environment says where its Redis is")]
    let Ok(url) = std::env::var("PERPETUO_TEST_REDIS_URL") else { return };
    #[expect(clippy::disallowed_methods, reason = "the environment says how long to look")]
    let cases = std::env::var("PERPETUO_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(100);
    let (mut runner, mut held) = (TestRunner::default(), 0);
    for begun in (0..cases).step_by(SET) {
        let set = (begun..cases.min(begun + SET)).map(|_| steps().new_tree(&mut runner).unwrap().current());
        held += play_some(&url, set.collect()).await;
    }
    assert!(held > cases / 4, "{held} were admitted without Redis: too few to show anything");
}
