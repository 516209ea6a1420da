//! SIGKILL at named places in the code: each is reached under load, stands still there, and is killed.

use crate::world::World;
use anyhow::ensure;
use proto::Role;
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use std::time::{Duration, Instant};
use tests::{cluster::Shape, within};

/// A fault point and the role that has it.
type Point = (&'static str, Role);

/// Reached while requests run.
const EVERYWHERE: &[Point] = &[
    ("usage::admit::reserved", Role::UsageMetering),
    ("usage::admit::durable", Role::UsageMetering),
    ("usage::fold::before_commit", Role::UsageMetering),
    ("usage::fold::after_commit", Role::UsageMetering),
    ("usage::settle::released", Role::UsageMetering),
    ("usage::settle::durable", Role::UsageMetering),
    ("usage::sweep::before_commit", Role::UsageMetering),
    ("usage::sweep::after_commit", Role::UsageMetering),
    ("gateway::admit::granted", Role::Gateway),
    ("gateway::attempt::answered", Role::Gateway),
    ("gateway::settle::before_send", Role::Gateway),
    ("gateway::settle::answered", Role::Gateway),
];

/// Reached where gateways keep what they owe until it is taken.
const SEPARATE: &[Point] = &[("gateway::spool::written", Role::Gateway)];

/// Reached in one process only.
const EMBEDDED: &[Point] = &[("usage::journal::written", Role::UsageMetering)];

/// Reached while a process starts after a kill: the point that says so, and the next, where it stands still.
const STARTING: &[(&str, &str)] = &[
    ("usage::fold::after_commit", "usage::recover::folded"),
    ("usage::fold::after_commit", "usage::sweep::before_commit"),
    ("usage::sweep::before_commit", "usage::sweep::after_commit"),
];

/// Every point, one kill each, on one data directory.
pub async fn one(seed: u64) -> anyhow::Result<()> {
    let mut world = World::start(Shape::One, seed).await?;
    let loader = world.load();
    loader.journal.phase("start");
    world.answers(&loader.journal, 10).await?;
    for &point in EVERYWHERE.iter().chain(EMBEDDED) {
        loader.journal.phase(&point.0.replace("::", "."));
        at(&mut world, point).await?;
    }
    for (before, point) in STARTING {
        loader.journal.phase(&format!("start.{}", point.replace("::", ".")));
        while_starting(&mut world, before, point).await?;
    }
    loader.journal.phase("end");
    world.answers(&loader.journal, 10).await?;
    world.agrees(loader).await
}

/// Every point that several processes have, one kill each, on one database.
pub async fn many(seed: u64) -> anyhow::Result<()> {
    let mut world = World::start(Shape::Many, seed).await?;
    let loader = world.load();
    loader.journal.phase("start");
    world.answers(&loader.journal, 10).await?;
    for &point in EVERYWHERE.iter().chain(SEPARATE) {
        loader.journal.phase(&point.0.replace("::", "."));
        at(&mut world, point).await?;
    }
    loader.journal.phase("end");
    world.answers(&loader.journal, 10).await?;
    world.agrees(loader).await
}

/// Starts the role anew with a point armed, waits until it is reached, and kills the process there.
async fn at(world: &mut World, (point, role): Point) -> anyhow::Result<()> {
    world.kill(role, Instant::now()).await?;
    let mut chance = StdRng::seed_from_u64(world.seed ^ point.len() as u64);
    // The sweep comes by only every few seconds.
    let first = if point.contains("sweep") { 1 } else { chance.random_range(3..25) };
    world.respawn(role, Some(&format!("{point}={first}*off->1*print(reached {point})->pause")))?;
    let since = reached(world, role, point).await?;
    // Those that follow stand still there.
    tokio::time::sleep(Duration::from_millis(chance.random_range(50..250))).await;
    world.kill(role, since).await?;
    world.respawn(role, None)?;
    world.serves().await
}

async fn while_starting(world: &mut World, before: &str, point: &str) -> anyhow::Result<()> {
    let role = Role::UsageMetering;
    world.kill(role, Instant::now()).await?;
    world.respawn(role, Some(&format!("{before}=print(reached {point});{point}=pause")))?;
    let since = reached(world, role, point).await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.kill(role, since).await?;
    world.respawn(role, None)?;
    world.serves().await
}

/// Waits until the log says that the point was reached.
async fn reached(world: &mut World, role: Role, point: &str) -> anyhow::Result<Instant> {
    let mark = format!("reached {point}\"");
    let before = world.cluster.process(role).output().matches(&mark).count();
    within(Duration::from_secs(40), async || {
        world.cluster.process(role).alive()?;
        let now = world.cluster.process(role).output().matches(&mark).count();
        ensure!(now > before, "{point} was not reached: is the binary built together with the tests?");
        Ok(Instant::now())
    })
    .await
}
