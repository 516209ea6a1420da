//! Any history of attempts and ends is counted as a naive model says.

use super::*;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use std::collections::HashMap;

/// So many histories in Redis at a time: their calls share its connection.
const AT_ONCE: usize = 50;

/// Plays histories that have a workspace each, `PERPETUO_CASES` of them (400), many at a time.
pub(super) async fn many<T: std::fmt::Debug, F: Future<Output = ()>>(
    histories: &impl Strategy<Value = T>,
    play: impl Fn(T) -> F,
) {
    #[expect(clippy::disallowed_methods, reason = "the environment says how long to look")]
    let cases = std::env::var("PERPETUO_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(400);
    let mut runner = TestRunner::default();
    for begun in (0..cases).step_by(AT_ONCE) {
        let some = (begun..cases.min(begun + AT_ONCE)).map(|_| histories.new_tree(&mut runner).unwrap().current());
        futures::future::join_all(some.map(&play)).await;
    }
}

/// One step of a history: wait, then an attempt with so many tokens, or the end of one.
#[derive(Clone, Debug)]
enum Step {
    Admit { wait: i64, tokens: i64 },
    Settle { wait: i64, nth: usize, used: i64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let admit = (0i64..4_000, 1i64..60).prop_map(|(wait, tokens)| Step::Admit { wait, tokens });
    let settle = (0i64..4_000, 0usize..8, 0i64..80).prop_map(|(wait, nth, used)| Step::Settle { wait, nth, used });
    prop::collection::vec(prop_oneof![3 => admit, 2 => settle], 1..80)
}

/// What limits mean, without buckets: levels as fractions, and a set of what runs.
#[derive(Default)]
struct Model {
    levels: HashMap<(Owner, Kind), f64>,
    /// Of the quota: settled and reserved.
    used: i64,
    running: Vec<(u128, i64)>,
    now: i64,
}

const RPM: i64 = 12;
const TPM: i64 = 200;
const CONCURRENCY: i64 = 3;
const QUOTA: i64 = 900;

impl Model {
    fn pass(&mut self, wait: i64) {
        self.now += wait;
        for ((_, kind), level) in &mut self.levels {
            let rate = if *kind == Kind::Tokens { TPM } else { RPM };
            *level = (*level - wait as f64 * rate as f64 / 60_000.0).max(0.0);
        }
    }

    fn admit(&mut self, request: u128, tokens: i64, limits: &[Limit]) -> bool {
        let fits = limits.iter().all(|l| match l.kind {
            Kind::Concurrency => (self.running.len() as i64) < l.limit,
            Kind::Quota(_) => self.used + l.cost <= l.limit,
            Kind::Requests | Kind::Tokens => {
                let level = self.levels.get(&(l.owner, l.kind.clone())).unwrap_or(&0.0);
                level + l.cost as f64 <= l.limit as f64 + 1e-6
            }
        });
        if fits {
            for l in limits.iter().filter(|l| l.kind != Kind::Concurrency && l.quota().is_none()) {
                *self.levels.entry((l.owner, l.kind.clone())).or_default() += l.cost as f64;
            }
            self.used += tokens;
            self.running.push((request, tokens));
        }
        fits
    }
}

async fn follows_the_model(counters: &Counters, workspace: Uuid, steps: &[Step]) {
    let mut model = Model { now: 1_800_000_000_000, ..Model::default() };
    load(counters, workspace, &limits(0)).await;
    for (n, step) in steps.iter().enumerate() {
        match step {
            Step::Admit { wait, tokens } => {
                model.pass(*wait);
                let limits = limits(*tokens);
                let key = GrantKey { workspace, ..key(n as u128 + 1, 1) };
                let expected = model.admit(n as u128 + 1, *tokens, &limits);
                let verdict = counters.reserve(&mut reservation(key, limits), model.now).await.unwrap();
                assert_eq!(matches!(verdict, Verdict::Reserved(_)), expected, "step {n} of {steps:?}: {verdict:?}");
            }
            Step::Settle { wait, nth, used } => {
                model.pass(*wait);
                if *nth >= model.running.len() {
                    continue;
                }
                let (request, tokens) = model.running.remove(*nth);
                let level = model.levels.entry((Owner::Workspace, Kind::Tokens)).or_default();
                *level = (*level + (used - tokens) as f64).max(0.0);
                model.used = (model.used + used - tokens).max(0);
                let key = GrantKey { workspace, ..key(request, 1) };
                counters.release(&key, &limits(tokens), Some(&spent(*used)), model.now).await;
            }
        }
    }
}

pub(super) fn limits(tokens: i64) -> Vec<Limit> {
    vec![
        limit(Owner::Workspace, Kind::Requests, RPM, 1),
        limit(Owner::Workspace, Kind::Tokens, TPM, tokens),
        limit(Owner::Team, Kind::Concurrency, CONCURRENCY, 1),
        quota(QUOTA, tokens),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]
    #[test]
    fn this_process_counts_as_the_model_says(steps in steps()) {
        let counters = Counters::Memory(Box::new(Memory::new()));
        futures::executor::block_on(follows_the_model(&counters, Uuid::from_u128(WORKSPACE), &steps));
    }
}

#[tokio::test]
async fn redis_counts_as_the_model_says() {
    let Some(counters) = shared().await else { return };
    many(&steps(), |steps| {
        let counters = &counters;
        async move { follows_the_model(counters, fresh(), &steps).await }
    })
    .await;
}
