//! What admission costs where gateways are other processes: gRPC with signed peers, and a grant that a transaction has
//! committed before the answer. Beside it what one commit of that store takes.

use crate::{
    SUBJECT_CORE, cpu,
    metering::{Admissions, RATE, percentile},
};
use anyhow::Context as _;
use host::{
    Clock, Ids, Readiness, Tasks,
    door::{self, Door},
    grpc,
    peer::{Channels, Keys},
};
use proto::{
    Call, Role,
    id::{RequestId, WorkspaceId},
    identity::Identity,
    usage::{self, HeartbeatRequest},
    workspace::Workspaces,
};
use std::{path::Path, sync::Arc, time::Duration};
use store::Backend;
use tokio::{net::TcpListener, sync::oneshot, time::Instant};
use tonic::service::Routes;

/// Commits that are measured, one after another.
const COMMITS: usize = 500;
/// Where nobody answers: whoever signs as a peer is asked nothing about.
const NOWHERE: &str = "http://127.0.0.1:9";

/// What runs on the other core is ready.
struct Ready {
    address: String,
    store: &'static str,
    commits: Vec<Duration>,
}

/// Measures and prints. With `PERPETUO_TEST_DATABASE_URL` on PostgreSQL, otherwise on SQLite.
#[expect(clippy::print_stdout, reason = "this is what the command is for")]
pub async fn print(time: Duration) -> anyhow::Result<()> {
    let dir = tempfile::Builder::new().prefix("perpetuo-load-").tempdir()?;
    let keys_dir = dir.path().join("peers");
    Keys::generate(&keys_dir, Role::ALL)?;
    let ((ready, is_ready), (stop, stopped)) = (oneshot::channel(), oneshot::channel());
    let (place, own) = (dir.path().to_owned(), keys_dir.clone());
    let server = std::thread::spawn(move || {
        cpu::pin_thread(SUBJECT_CORE)?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(serve(&place, Keys::load(&own, Role::ALL)?, ready, stopped))
    });
    let Ok(Ready { address, store, mut commits }) = is_ready.await else {
        return server.join().unwrap_or_else(|_| Err(anyhow::anyhow!("usage-metering did not start")));
    };
    let clock = Clock::system();
    let ids = Ids::new(clock.clone());
    let signer = Keys::load(&keys_dir, Role::ALL)?.signer(clock.clone());
    let channels = Channels::open([(Role::UsageMetering, vec![address])], signer)?;
    let usage = usage::Usage::remote(channels.peer(Role::UsageMetering)?).called_by(Role::Gateway);
    let workspace = WorkspaceId::from_uuid(ids.uuid());
    let mut latencies = Admissions { usage, ids, clock, workspace }.run(time).await?;
    commits.sort_unstable();
    latencies.sort_unstable();
    println!("\nadmission over gRPC on {store}, {RATE}/s, four limits each: {} asked for", latencies.len());
    for (name, p) in [("p50", 500), ("p99", 990)] {
        let (admission, commit) = (percentile(&latencies, p), percentile(&commits, p));
        let (of_both, of_commit) =
            (format!("  {name} (aim: a commit and 1,000)"), format!("  {name} of a commit alone"));
        println!("{of_both:<40} {:>18} {admission:>12}\n{of_commit:<40} {:>18} {commit:>12}", "us", "us");
    }
    drop(stop);
    server.join().unwrap_or_else(|_| Err(anyhow::anyhow!("usage-metering failed")))
}

/// Runs usage-metering behind its door until it is told to stop.
async fn serve(
    dir: &Path,
    keys: Keys,
    ready: oneshot::Sender<Ready>,
    stopped: oneshot::Receiver<()>,
) -> anyhow::Result<()> {
    let (clock, tasks) = (Clock::system(), Tasks::new());
    let ids = Ids::new(clock.clone());
    let postgres = store::testing::postgres(&usage_metering::SCHEMA).await;
    let backend = match &postgres {
        Some(fresh) => fresh.backend.clone(),
        None => Backend::Sqlite { dir: dir.to_owned() },
    };
    let db = store::Db::open(&backend, &usage_metering::SCHEMA)?;
    db.migrate().await?;
    let deps = usage_metering::Deps {
        db,
        data_dir: None,
        redis_url: None,
        clock: clock.clone(),
        ids: ids.clone(),
        master: store::seal::MasterKey::from_hex(&"2a".repeat(32)).map_err(|_| anyhow::anyhow!("no key"))?,
        guard: egress::Guard::new(&egress::Config::default(), true, vec![]),
        peers: None,
        letters: None,
        tasks: tasks.clone(),
    };
    let service = usage_metering::Usage::new(usage_metering::Config::default(), deps).await?;
    let usage = usage::Usage::local(service.clone(), tasks.tracker());
    let commits = commits(&usage.called_by(Role::Gateway)).await?;
    let address = listen(usage, &keys, (&clock, &ids, &tasks)).await?;
    let store = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
    drop(ready.send(Ready { address, store, commits }));
    drop(stopped.await);
    service.flush().await.context("what was admitted could not be written")?;
    tasks.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

/// How long a transaction takes that changes one row.
async fn commits(usage: &usage::Usage) -> anyhow::Result<Vec<Duration>> {
    let mut commits = Vec::with_capacity(COMMITS);
    for _ in 0..COMMITS {
        let call = Call::service(Role::Gateway, RequestId::from_uuid(uuid::Uuid::nil()));
        let begun = Instant::now();
        usage.heartbeat(&call, HeartbeatRequest { instance_id: "bench".to_owned() }).await?;
        commits.push(begun.elapsed());
    }
    Ok(commits)
}

/// Where it answers peers.
async fn listen(
    usage: usage::Usage,
    keys: &Keys,
    (clock, ids, tasks): (&Clock, &Ids, &Tasks),
) -> anyhow::Result<String> {
    let nobody = [Role::Identity, Role::Workspace].map(|role| (role, vec![NOWHERE.to_owned()]));
    let nobody = Channels::open(nobody, keys.signer(clock.clone()))?;
    let door: Arc<Door> = Door::new(door::Deps {
        identity: Identity::remote(nobody.peer(Role::Identity)?),
        workspaces: Workspaces::remote(nobody.peer(Role::Workspace)?),
        role: Role::UsageMetering,
        clock: clock.clone(),
        ids: ids.clone(),
        tasks: tasks.clone(),
        verifier: Some(keys.verifier(clock.clone())),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let serving = grpc::Serving {
        services: Routes::new(usage.into_grpc(door.clone())),
        roles: vec![Role::UsageMetering],
        door,
        readiness: Readiness::new(),
        overload: host::Overload::default(),
        tls: None,
    };
    let (own, stop) = (tasks.clone(), tasks.stopping());
    drop(tasks.spawn("usage-metering", async move { grpc::serve(listener, serving, &own, stop).await }));
    Ok(address)
}
