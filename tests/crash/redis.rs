//! A Redis that is slow, or forgets: no row is lost, and what the policy allows goes on.

use crate::{
    load::{Entry, SMALL},
    world::World,
};
use anyhow::{Context as _, ensure};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::time::Duration;
use tests::cluster::Shape;

/// How long Redis answers nothing.
const SLOW: Duration = Duration::from_secs(20);

/// For 20 seconds Redis answers nothing. Requests without limits do not need it.
pub async fn slow(seed: u64) -> anyhow::Result<()> {
    let mut world = World::start(Shape::Many, seed).await?;
    let loader = world.load();
    loader.journal.phase("before");
    world.answers(&loader.journal, 20).await?;
    loader.journal.phase("slow");
    let redis = world.redis.as_ref().context("a Redis")?;
    redis.freeze()?;
    tokio::time::sleep(SLOW).await;
    redis.thaw()?;
    loader.journal.phase("after");
    world.answers(&loader.journal, 20).await?;
    let entries = loader.journal.entries();
    let is_limited = |entry: &Entry| entry.tag.ends_with(SMALL);
    let during = || entries.iter().filter(|entry| entry.tag.starts_with("slow-") && !is_limited(entry));
    ensure!(during().count() > 100, "only {} requests were made meanwhile", during().count());
    // What the provider does wrong is told as 502.
    let refused: Vec<_> = during().filter(|entry| ![200, 502].contains(&entry.status)).collect();
    ensure!(refused.is_empty(), "{} requests were refused, {:?} for one", refused.len(), refused.first());
    world.agrees(loader).await
}

/// Redis is emptied, and killed without having kept anything, again and again under load.
pub async fn forgets(seed: u64, rounds: usize) -> anyhow::Result<()> {
    let mut world = World::start(Shape::Many, seed).await?;
    let (loader, mut chance) = (world.load(), StdRng::seed_from_u64(seed));
    for round in 0..rounds * 4 {
        loader.journal.phase(&format!("forgets.{round}"));
        tokio::time::sleep(Duration::from_millis(chance.random_range(200..700))).await;
        let redis = world.redis.as_mut().context("a Redis")?;
        if round % 2 == 0 {
            redis.flush().await?;
        } else {
            redis.kill().await?;
            redis.resume().await?;
        }
    }
    loader.journal.phase("end");
    // Meanwhile requests have waited for the counters rather than been refused, so that few were made.
    world.answers(&loader.journal, 60).await?;
    world.agrees(loader).await
}
