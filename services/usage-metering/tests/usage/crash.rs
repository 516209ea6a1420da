use crate::world::*;
use proto::{id::WorkspaceId, usage::*};
use std::{
    collections::HashSet,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};
use store::Backend;
use tokio::runtime::Runtime;
use usage_metering::{Config, Fsync, SCHEMA};

/// Says to this test binary that it is the process which is going to be killed: folder of the database, folder of the
/// journal, fsync.
const VICTIM: &str = "PERPETUO_TEST_VICTIM";
/// Admissions that the victim has under way at any time.
const LANES: usize = 4;
/// How long a slow machine may take until the next settlement, the start of the process included.
const PATIENCE: Duration = Duration::from_secs(120);

/// What callers of killed processes were told, as `workspace request`.
#[derive(Default)]
struct Told {
    admitted: HashSet<(WorkspaceId, String)>,
    settled: HashSet<(WorkspaceId, String)>,
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Not a test of its own: the process that the next one kills.
#[test]
fn victim() {
    #[expect(clippy::disallowed_methods, reason = "so a test tells its child what to do")]
    let Ok(place) = std::env::var(VICTIM) else { return };
    let [database, journal, fsync] = place.split('|').collect::<Vec<_>>().try_into().unwrap();
    let fsync = if fsync == "batch" { Fsync::Batch } else { Fsync::Never };
    runtime().block_on(async {
        let db = store::Db::open(&Backend::Sqlite { dir: database.into() }, &SCHEMA).unwrap();
        let config = Config { fsync, ..Config::default() };
        let world = World::with_db(db, Some(PathBuf::from(journal)), config, None).await.unwrap();
        let world = Arc::new(world);
        let mut lanes = tokio::task::JoinSet::new();
        for _ in 0..LANES {
            lanes.spawn(work(world.clone()));
        }
        lanes.join_all().await;
    });
}

/// Admits and settles as fast as it can, and tells of each answer. Every third attempt hangs.
async fn work(world: Arc<World>) {
    for n in 0.. {
        let ask = world.ask();
        world.admit(&ask).await.unwrap();
        tell("admitted", &world, &ask);
        if n % 3 != 0 {
            world.settle(ask.completed()).await.unwrap();
            tell("settled", &world, &ask);
        }
        tokio::task::yield_now().await;
    }
}

fn tell(what: &str, world: &World, ask: &Ask) {
    let line = format!("\n{what} {} {}.\n", world.workspace, ask.request_id());
    std::io::stdout().write_all(line.as_bytes()).unwrap();
}

/// Runs the victim until it has settled so many and a moment longer, kills it, and notes what it told. How fast the machine is
/// does not matter.
fn kill_after(settled: usize, moment: Duration, place: &str, told: &mut Told) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "crash::victim", "--nocapture"]).env(VICTIM, place).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let output = child.stdout.take().unwrap();
    let (tell, lines) = mpsc::channel();
    let reader = std::thread::spawn(move || {
        BufReader::new(output).lines().map_while(Result::ok).for_each(|line| tell.send(line).unwrap());
    });
    let (mut seen, mut count) = (vec![], 0);
    while count < settled {
        let line = lines.recv_timeout(PATIENCE).expect("it goes on settling");
        count += usize::from(line.starts_with("settled "));
        seen.push(line);
    }
    std::thread::sleep(moment);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    for line in seen.into_iter().chain(lines) {
        // The last line may be half a line.
        let Some((what, rest)) = line.strip_suffix('.').and_then(|line| line.split_once(' ')) else { continue };
        let Some((workspace, request)) = rest.split_once(' ') else { continue };
        let told = if what == "admitted" { &mut told.admitted } else { &mut told.settled };
        told.insert((workspace.parse().unwrap(), request.to_owned()));
    }
}

async fn every_attempt_has_one_row(world: &World, told: &Told, kills: usize) {
    let rows = usize::try_from(world.rows("usage").await).unwrap();
    let admitted = told.admitted.len();
    assert!((admitted..=admitted + kills * LANES).contains(&rows), "{rows} rows, {admitted} admitted");
    assert_eq!(world.rows("correction").await, 0);
    for (workspace, id) in &told.admitted {
        let request = GetLogRequest { request_id: id.clone() };
        let log = world.usage.get_log(&world.reader(*workspace), request).await.unwrap().log.unwrap();
        assert_eq!(log.attempts.len(), 1, "{log:?}");
        if told.settled.contains(&(*workspace, id.clone())) || log.outcome == "completed" {
            assert_eq!((log.outcome.as_str(), log.input_tokens, log.estimated), ("completed", 50, false));
        } else {
            let guess = (log.outcome.as_str(), log.input_tokens, log.output_tokens, log.estimated);
            assert_eq!(guess, ("incomplete", 40, 0, true));
        }
    }
}

#[test]
fn a_process_killed_at_any_instant_leaves_one_row_for_each_attempt_that_was_admitted() {
    const KILLS: usize = 5;
    for fsync in ["never", "batch"] {
        let setup = runtime();
        let fresh = Arc::new(setup.block_on(store::testing::sqlite(&SCHEMA)));
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let Backend::Sqlite { dir: database } = &fresh.backend else { panic!("it is SQLite") };
        let place = format!("{}|{}|{fsync}", database.display(), dir.path().display());
        let mut told = Told::default();
        for kill in 0..KILLS {
            // From the first settlements on, and in the midst of a batch.
            kill_after(1 + 17 * kill, Duration::from_micros(731 * kill as u64), &place, &mut told);
        }
        let world = setup.block_on(World::open(fresh, Some(dir), quick(), None)).unwrap();
        setup.block_on(every_attempt_has_one_row(&world, &told, KILLS));
    }
}

#[test]
fn a_journal_that_is_folded_again_changes_nothing() {
    let setup = runtime();
    let fresh = Arc::new(setup.block_on(store::testing::sqlite(&SCHEMA)));
    let dir = Arc::new(tempfile::tempdir().unwrap());
    let process = runtime();
    let (workspace, total) = process.block_on(async {
        let world = World::open(fresh.clone(), Some(dir.clone()), quick(), None).await.unwrap();
        for n in 0..50 {
            let ask = world.ask();
            world.admit(&ask).await.unwrap();
            if n % 5 != 0 {
                world.settle(ask.completed()).await.unwrap();
            }
        }
        world.service.flush().await.unwrap();
        (world.workspace, world.total().await.total_requests)
    });
    process.shutdown_background();
    assert_eq!(total, 40, "ten are still open");
    setup.block_on(async {
        // As if the power had failed before SQLite's last commits reached the disk.
        let text = "delete from journal_position";
        let forget = store::Sql { name: "test/forget", postgres: text, sqlite: text };
        let mut tx = store::SystemTx::begin(&fresh.db, "test").await.unwrap();
        tx.execute(forget, &[]).await.unwrap();
        tx.commit().await.unwrap();
        let mut world = World::open(fresh, Some(dir), quick(), None).await.unwrap();
        world.workspace = workspace;
        let total = world.total().await;
        assert_eq!((total.total_requests, world.rows("usage").await), (50, 50));
        assert_eq!(total.total_input_tokens, 40 * 50 + 10 * 40);
    });
}

#[tokio::test]
async fn a_damaged_journal_stops_the_start_with_one_sentence() {
    let world = World::embedded().await;
    let locked = world.lock().await;
    for _ in 0..3 {
        world.complete(&world.ask()).await;
    }
    let (fresh, dir) = (world.fresh.clone().unwrap(), world.dir.clone().unwrap());
    world.tasks.stopping().cancel();
    drop((locked, world));
    let file = std::fs::read_dir(dir.path().join("ledger")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[30] ^= 4;
    std::fs::write(&file, bytes).unwrap();
    let Err(error) = World::open(fresh, Some(dir), quick(), None).await else { panic!("it started") };
    assert!(error.to_string().contains("is damaged at byte 0"), "{error}");
}
