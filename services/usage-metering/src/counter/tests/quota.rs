//! Quotas of tokens and budgets of money, with tables that are written before or after the counter hears of it, and
//! counters that are dropped and read again in the middle of it.

use super::{model::many, *};
use crate::limit::COST;
use proptest::prelude::*;
use std::collections::BTreeMap;

const MOST: i64 = 1_000_000;
const NOW: i64 = 1_800_000_000_000;

#[derive(Clone, Debug)]
enum Step {
    /// It reserves as much, or what is left if that is at least so much.
    Admit {
        cost: i64,
        least: i64,
    },
    /// One ends, having used so much. The counter hears of it first, or the tables do.
    End {
        nth: usize,
        used: i64,
        tables_first: bool,
    },
    /// The other of both hears of it.
    Hear {
        nth: usize,
    },
    /// It did not run after all.
    Undo {
        nth: usize,
    },
    Begin,
    Read,
    Install,
    /// The counter is dropped.
    Forget,
    /// One that ended has used more or less after all.
    Amend {
        by: i64,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (0..400_000i64, 1..400_000i64).prop_map(|(cost, least)| Step::Admit { cost, least: least.min(cost) }),
        5 => (0usize..6, 0..500_000i64, any::<bool>()).prop_map(|(nth, used, tables_first)| Step::End { nth, used, tables_first }),
        4 => (0usize..4).prop_map(|nth| Step::Hear { nth }),
        1 => (0usize..6).prop_map(|nth| Step::Undo { nth }),
        2 => Just(Step::Begin),
        2 => Just(Step::Read),
        2 => Just(Step::Install),
        1 => Just(Step::Forget),
        1 => (-50_000i64..50_000).prop_map(|by| Step::Amend { by }),
    ];
    prop::collection::vec(step, 1..60)
}

/// What the tables say.
#[derive(Clone, Default)]
struct Tables {
    settled: i64,
    open: BTreeMap<u128, i64>,
}

/// One that ends: of it either the counter or the tables have heard.
struct Ending {
    request: u128,
    reserved: i64,
    used: i64,
    counter_knows: bool,
}

struct Play<'a> {
    counters: &'a Counters,
    workspace: Uuid,
    currency: Option<&'static str>,
    tables: Tables,
    running: Vec<Running>,
    ending: Vec<Ending>,
    begun: Option<Begun>,
    reading: Option<Reading>,
}

struct Running {
    request: u128,
    reserved: i64,
    ticket: String,
}

impl Play<'_> {
    fn key(&self, request: u128) -> GrantKey {
        GrantKey { workspace: self.workspace, ..key(request, 1) }
    }

    fn limit(&self, cost: i64, least: i64) -> Limit {
        let mut limit = Limit { least, ..quota(MOST, cost) };
        if let (Kind::Quota(quota), Some(currency)) = (&mut limit.kind, self.currency) {
            (quota.resource, quota.currency) = (COST.to_owned(), currency.to_owned());
        }
        limit
    }

    fn spent(&self, used: i64) -> Spent {
        match self.currency {
            Some(currency) => Spent { tokens: 0, cost: vec![(currency.to_owned(), used)] },
            None => spent(used),
        }
    }

    async fn admit(&mut self, request: u128, cost: i64, least: i64) {
        let mut asked = reservation(self.key(request), vec![self.limit(cost, least)]);
        let Verdict::Reserved(_) = self.counters.reserve(&mut asked, NOW).await.unwrap() else { return };
        let reserved = asked.limits[0].cost;
        assert!((least..=cost).contains(&reserved), "{reserved} of {least} to {cost}");
        // Of what ends the counter may know, or not yet: it counts the lesser of both at least.
        let ending: i64 = self.ending.iter().map(|end| end.used.min(end.reserved)).sum();
        let running: i64 = self.running.iter().map(|run| run.reserved).sum();
        let before = self.tables.settled - self.unknown() + ending + running;
        assert!(cost == 0 || before + reserved <= MOST, "{reserved} on top of {before}");
        self.running.push(Running { request, reserved, ticket: asked.ticket });
        self.tables.open.insert(request, reserved);
    }

    /// What the tables have settled and the counter may not know yet.
    fn unknown(&self) -> i64 {
        self.ending.iter().filter(|end| !end.counter_knows).map(|end| end.used).sum()
    }

    async fn counter_hears(&self, request: u128, reserved: i64, used: i64) {
        let limits = [self.limit(reserved, reserved)];
        self.counters.release(&self.key(request), &limits, Some(&self.spent(used)), NOW).await;
    }

    fn tables_hear(&mut self, request: u128, used: i64) {
        self.tables.open.remove(&request);
        self.tables.settled += used;
    }

    async fn end(&mut self, nth: usize, used: i64, tables_first: bool) {
        let Running { request, reserved, .. } = self.running.remove(nth);
        match tables_first {
            true => self.tables_hear(request, used),
            false => self.counter_hears(request, reserved, used).await,
        }
        self.ending.push(Ending { request, reserved, used, counter_knows: !tables_first });
    }

    async fn hear(&mut self, nth: usize) {
        let Ending { request, reserved, used, counter_knows } = self.ending.remove(nth);
        match counter_knows {
            true => self.tables_hear(request, used),
            false => self.counter_hears(request, reserved, used).await,
        }
    }

    async fn undo(&mut self, nth: usize) {
        let Running { request, reserved, ticket } = self.running.remove(nth);
        self.tables.open.remove(&request);
        // Whoever did not hear how much it was takes back what they asked for.
        let asked = Reservation { ticket, ..reservation(self.key(request), vec![self.limit(reserved + 7, 1)]) };
        self.counters.undo(&asked, NOW).await;
    }

    fn read(&mut self) {
        let open = self.tables.open.iter().map(|(request, amount)| (self.key(*request), *amount)).collect();
        self.reading = Some(Reading { settled: self.tables.settled, open });
    }

    async fn begin(&mut self) {
        self.begun = Some(self.counters.begin_load(self.workspace, &self.limit(0, 0), NOW).await.unwrap());
        self.reading = None;
    }

    async fn install(&mut self) {
        if let (Some(begun), Some(reading)) = (self.begun, self.reading.take()) {
            self.counters.install(self.workspace, &self.limit(0, 0), begun, &reading).await.unwrap();
        }
    }

    async fn amend(&mut self, request: u128, by: i64) {
        // It belongs to one of which both have heard.
        let by = by.max(-(self.tables.settled - self.unknown()).max(0));
        self.tables.settled += by;
        self.counters.amend(&self.key(request), &[self.limit(0, 0)], &[by]).await;
    }

    /// What the counter says; None where it is not loaded.
    async fn used(&self) -> Option<i64> {
        match self.counters.peek(self.workspace, &[self.limit(0, 0)], NOW).await.unwrap() {
            Verdict::Reserved(standings) => Some(standings[0].used),
            _ => None,
        }
    }

    async fn step(&mut self, n: u128, step: &Step) {
        match *step {
            Step::Admit { cost, least } => self.admit(n, cost, least).await,
            Step::End { nth, used, tables_first } if nth < self.running.len() => {
                self.end(nth, used, tables_first).await;
            }
            Step::Hear { nth } if nth < self.ending.len() => self.hear(nth).await,
            Step::Undo { nth } if nth < self.running.len() => self.undo(nth).await,
            Step::Begin => self.begin().await,
            Step::Read if self.begun.is_some() => self.read(),
            Step::Install => self.install().await,
            // Nothing is dropped before the tables have heard of what the counter knew of.
            Step::Forget if self.ending.iter().all(|end| !end.counter_knows) => {
                self.counters.forget(self.workspace, &self.limit(0, 0)).await;
            }
            // While it is read, what was used less after all may count as before.
            Step::Amend { by } if self.used().await.is_some() => self.amend(n, by).await,
            _ => {}
        }
    }
}

async fn counts_what_the_tables_say(counters: &Counters, workspace: Uuid, is_money: bool, steps: &[Step]) {
    let currency = is_money.then_some("USD");
    let (tables, running, ending) = (Tables::default(), vec![], vec![]);
    let mut play = Play { counters, workspace, currency, tables, running, ending, begun: None, reading: None };
    // Whoever loads has looked before.
    assert_eq!(play.used().await, None);
    play.begin().await;
    play.read();
    play.install().await;
    for (n, step) in steps.iter().enumerate() {
        play.step(n as u128 + 1, step).await;
    }
    while !play.ending.is_empty() {
        play.hear(0).await;
    }
    if play.used().await.is_none() {
        play.begin().await;
        play.read();
        play.install().await;
    }
    let expected = play.tables.settled + play.tables.open.values().sum::<i64>();
    assert_eq!(play.used().await, Some(expected), "after {steps:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn this_process_counts_quotas_and_budgets_as_the_tables_do(steps in steps(), is_money in any::<bool>()) {
        let counters = Counters::Memory(Box::new(Memory::new()));
        let play = counts_what_the_tables_say(&counters, Uuid::from_u128(WORKSPACE), is_money, &steps);
        futures::executor::block_on(play);
    }
}

#[tokio::test]
async fn redis_counts_quotas_and_budgets_as_the_tables_do() {
    let Some(counters) = shared().await else { return };
    many(&(steps(), any::<bool>()), |(steps, is_money)| {
        let counters = &counters;
        async move { counts_what_the_tables_say(counters, fresh(), is_money, &steps).await }
    })
    .await;
}
