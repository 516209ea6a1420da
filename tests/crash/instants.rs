//! SIGKILL at random instants: of a role, of a server, of everything that is ours.

use crate::world::World;
use proto::Role;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng, seq::SliceRandom as _};
use std::time::{Duration, Instant};
use tests::cluster::Shape;

/// Who is killed.
#[derive(Clone, Copy, Debug)]
enum Victim {
    Role(Role),
    Redis,
    Postgres,
    /// Every process of ours, at once.
    All,
}

fn victims() -> Vec<Victim> {
    let roles = Role::ALL.iter().copied().map(Victim::Role);
    roles.chain([Victim::Redis, Victim::Postgres, Victim::All]).collect()
}

/// One process, killed `rounds` × 4 times.
pub async fn one(seed: u64, rounds: usize) -> anyhow::Result<()> {
    let mut world = World::start(Shape::One, seed).await?;
    let (loader, mut chance) = (world.load(), StdRng::seed_from_u64(seed));
    for round in 0..rounds * 4 {
        loader.journal.phase(&format!("kill.{round}"));
        // Counted, so that on a slow machine too something is there to be lost.
        world.answers(&loader.journal, chance.random_range(15..40)).await?;
        tokio::time::sleep(Duration::from_millis(chance.random_range(0..60))).await;
        world.kill(Role::Gateway, Instant::now()).await?;
        world.respawn(Role::Gateway, None)?;
        world.serves().await?;
    }
    loader.journal.phase("end");
    world.answers(&loader.journal, 10).await?;
    world.agrees(loader).await
}

/// A process per role and their servers: each is killed once per round, in an order that the seed decides.
pub async fn many(seed: u64, rounds: usize) -> anyhow::Result<()> {
    let mut world = World::start(Shape::Many, seed).await?;
    let (loader, mut chance) = (world.load(), StdRng::seed_from_u64(seed));
    for round in 0..rounds {
        let mut victims = victims();
        victims.shuffle(&mut chance);
        for victim in victims {
            loader.journal.phase(&format!("{round}.{victim:?}").replace(['(', ')'], "."));
            world.answers(&loader.journal, chance.random_range(8..30)).await?;
            tokio::time::sleep(Duration::from_millis(chance.random_range(0..60))).await;
            fell(&mut world, victim, Duration::from_millis(chance.random_range(0..400))).await?;
            world.serves().await?;
        }
    }
    loader.journal.phase("end");
    world.answers(&loader.journal, 10).await?;
    world.agrees(loader).await
}

/// Kills, waits, and starts again.
async fn fell(world: &mut World, victim: Victim, pause: Duration) -> anyhow::Result<()> {
    let now = Instant::now();
    let roles = match victim {
        Victim::Role(role) => vec![role],
        Victim::All => Role::ALL.to_vec(),
        Victim::Redis | Victim::Postgres => vec![],
    };
    for &role in &roles {
        world.kill(role, now).await?;
    }
    if let (Victim::Redis, Some(redis)) = (victim, &mut world.redis) {
        redis.kill().await?;
        tokio::time::sleep(pause).await;
        redis.resume().await?;
    }
    if let (Victim::Postgres, Some(postgres)) = (victim, &mut world.postgres) {
        postgres.kill().await?;
        tokio::time::sleep(pause).await;
        postgres.resume().await?;
    }
    tokio::time::sleep(pause).await;
    for role in roles {
        world.respawn(role, None)?;
    }
    Ok(())
}
