//! What does it cost to know whose key is shown? `benches/keys.rs` prints the same figures of an optimised build.

use crate::world::*;
use host::door::{Deps, Door};
use proto::{
    Call, Permission, Principal, Role,
    id::{SessionId, UserId, WorkspaceId},
    identity::{CreateApiKeyRequest, ResolveKeyRequest},
    workspace::Workspaces,
};
use std::{
    net::IpAddr,
    sync::Arc,
    time::{Duration, Instant},
};

/// What is promised of an optimised build on a quiet machine.
pub const CACHED: Duration = Duration::from_micros(10);
pub const UNCACHED: Duration = Duration::from_millis(1);

/// How much slower a build without optimisation on a busy machine may be.
const SLOWER: u32 = 30;

/// Keys in turn, so that no database remembers one answer.
const KEYS: usize = 64;

/// Medians of one look-up.
#[derive(Debug)]
pub struct Costs {
    /// Where the keys are.
    pub database: &'static str,
    /// By a door that has seen it before.
    pub cached: Duration,
    /// By identity, from its database.
    pub uncached: Duration,
}

/// A door as the edge has it, in front of this service.
fn door(world: &World) -> Arc<Door> {
    let tracker = world.tasks.tracker();
    Door::new(Deps {
        identity: world.identity.called_by(Role::Edge),
        workspaces: Workspaces::local(world.workspaces.clone(), tracker).called_by(Role::Edge),
        role: Role::Edge,
        clock: world.clock.clone(),
        ids: world.ids.clone(),
        tasks: world.tasks.clone(),
        verifier: None,
    })
}

async fn keys(world: &World) -> Vec<String> {
    let (id, session) = (UserId::from_uuid(world.ids.uuid()), SessionId::from_uuid(world.ids.uuid()));
    let workspace = WorkspaceId::from_uuid(world.ids.uuid());
    let scopes = [Permission::Inference, Permission::KeysWrite];
    let call = Call { principal: Principal::User { id, session }, ..world.in_workspace(workspace, &scopes) };
    let mut keys = vec![];
    for n in 0..KEYS {
        let request = CreateApiKeyRequest { name: format!("key {n}"), ..Default::default() };
        keys.push(world.identity.create_api_key(&call, request).await.expect("a key").key);
    }
    keys
}

/// The median of so many rounds, each with the next key.
async fn median(rounds: usize, keys: &[String], ask: impl AsyncFn(&str)) -> Duration {
    let mut times = Vec::with_capacity(rounds);
    for key in keys.iter().cycle().take(rounds) {
        let began = Instant::now();
        ask(key).await;
        times.push(began.elapsed());
    }
    times.sort_unstable();
    times[times.len() / 2]
}

/// Measures both.
pub async fn costs(world: &World, rounds: usize) -> Costs {
    let (keys, door, call) = (keys(world).await, door(world), world.anonymous());
    let client: Option<IpAddr> = Some([203, 0, 113, 7].into());
    let at_the_door = async |key: &str| {
        door.identify(key, client, &call).await.expect("a key that works");
    };
    // Until it follows its feeds it asks each time.
    tokio::time::sleep(Duration::from_secs(1)).await;
    median(2 * KEYS, &keys, at_the_door).await;
    let cached = median(rounds, &keys, at_the_door).await;
    let uncached = median(rounds, &keys, async |key| {
        let sha256 = host::door::key::hash(key).to_vec().into();
        world.identity.resolve_key(&call, ResolveKeyRequest { sha256 }).await.expect("a key that works");
    })
    .await;
    let database = if world.fresh.db.is_sqlite() { "SQLite" } else { "PostgreSQL" };
    Costs { database, cached, uncached }
}

#[tokio::test]
async fn a_key_is_known_in_no_time_once_seen_and_soon_at_first() {
    everywhere(async |world| {
        let mut seen = vec![];
        for _ in 0..3 {
            let costs = costs(&world, 1_000).await;
            eprintln!("{}: {:?} cached, {:?} looked up", costs.database, costs.cached, costs.uncached);
            // Whatever the machine: what is remembered is not looked up.
            let holds = costs.cached <= CACHED * SLOWER
                && costs.uncached <= UNCACHED * SLOWER
                && costs.cached * 2 < costs.uncached;
            seen.push(costs);
            if holds {
                return;
            }
        }
        panic!("too slow {SLOWER} times over: {seen:?}");
    })
    .await;
}
