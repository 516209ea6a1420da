//! The ledger's promise under SIGKILL: a loader, a provider that counts for itself, and the real processes. Afterwards
//! the loader's journal, the provider's count and the ledger agree: nothing lost, nothing doubled, and an estimate
//! only where the gateway never had the provider's figures.
//!
//! `PERPETUO_CRASH_ROUNDS` (1) says how long it goes on, `PERPETUO_CRASH_SEED` which chances it takes.

mod agree;
mod instants;
mod ledger;
mod load;
mod points;
mod provider;
mod redis;
mod world;

use futures::future::LocalBoxFuture;
use libtest_mimic::{Arguments, Failed, Trial};
use std::{process::ExitCode, time::Duration};
use tokio::runtime::Runtime;

/// No story takes longer than this, for each round.
const LIMIT: Duration = Duration::from_secs(240);

type Story = fn(u64, usize) -> LocalBoxFuture<'static, anyhow::Result<()>>;

const STORIES: &[(&str, Story)] = &[
    ("many::killed_at_fault_points", |seed, _| Box::pin(points::many(seed))),
    ("many::killed_at_random_instants", |seed, rounds| Box::pin(instants::many(seed, rounds))),
    ("many::redis_is_slow", |seed, _| Box::pin(redis::slow(seed))),
    ("many::redis_forgets", |seed, rounds| Box::pin(redis::forgets(seed, rounds))),
    ("one::killed_at_fault_points", |seed, _| Box::pin(points::one(seed))),
    ("one::killed_at_random_instants", |seed, rounds| Box::pin(instants::one(seed, rounds))),
];

fn main() -> anyhow::Result<ExitCode> {
    let mut arguments = Arguments::from_args();
    // Two cores, and most of the time is waiting for processes to start.
    arguments.test_threads = arguments.test_threads.or(Some(3));
    let rounds = number("PERPETUO_CRASH_ROUNDS").map_or(1, |n| usize::try_from(n).unwrap_or(1).max(1));
    let seed = number("PERPETUO_CRASH_SEED").unwrap_or_else(rand::random);
    let runtime = Runtime::new()?;
    let trials = STORIES.iter().map(|&(name, story)| {
        let handle = runtime.handle().clone();
        Trial::test(name, move || {
            let limit = LIMIT * u32::try_from(rounds).unwrap_or(u32::MAX);
            let told = handle.block_on(async { tokio::time::timeout(limit, story(seed, rounds)).await });
            let told = told.unwrap_or_else(|_| Err(anyhow::anyhow!("took longer than {limit:?}")));
            told.map_err(|error| Failed::from(format!("PERPETUO_CRASH_SEED={seed}\n{error:#}")))
        })
    });
    Ok(libtest_mimic::run(&arguments, trials.collect()).exit_code())
}

#[expect(clippy::disallowed_methods, reason = "how long and with which chances is said by whoever runs it")]
fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
