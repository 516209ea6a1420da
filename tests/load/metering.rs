//! What admission and metered events cost in one process: SQLite and a journal, nothing between caller and service.

use anyhow::Context as _;
use host::{Clock, Ids, Tasks};
use proto::{
    Call, Permission, Role, Scopes,
    id::{RequestId, WorkspaceId},
    time::to_proto,
    usage::{self, *},
};
use std::time::Duration;
use tokio::time::{Instant, MissedTickBehavior, interval};

/// Admissions per second: asked for, whatever the answers take.
pub const RATE: u32 = 5_000;
/// Events of one request.
const BATCH: usize = 100;
/// Who sends events at once.
const SENDERS: usize = 4;

struct Bench {
    service: usage_metering::Usage,
    admissions: Admissions,
    tasks: Tasks,
    _dir: tempfile::TempDir,
}

/// Somebody who asks for admissions.
pub struct Admissions {
    /// Of whom.
    pub usage: usage::Usage,
    /// New ids.
    pub ids: Ids,
    /// What time it is.
    pub clock: Clock,
    /// Whose limits it has to fit into.
    pub workspace: WorkspaceId,
}

/// So many thousandths of `sorted` are not above it, in microseconds.
pub fn percentile(sorted: &[Duration], thousandths: usize) -> u128 {
    sorted.get(sorted.len() * thousandths / 1_000).copied().unwrap_or_default().as_micros()
}

/// Measures and prints.
#[expect(clippy::print_stdout, reason = "this is what the command is for")]
pub async fn print(time: Duration) -> anyhow::Result<()> {
    let bench = Bench::start().await?;
    let mut latencies = bench.admissions.run(time).await?;
    latencies.sort_unstable();
    let [p50, p99, p999] = [500, 990, 999].map(|p| percentile(&latencies, p));
    let count = latencies.len();
    println!("\nadmission in process, {RATE}/s, four limits each: {count} asked for");
    println!("{:<40} {:>18} {p50:>12}\n{:<40} {:>18} {p99:>12}", "  p50", "us", "  p99 (aim 1,000)", "us");
    println!("{:<40} {:>18} {p999:>12}", "  p99.9", "us");
    let rate = bench.admissions.events(time).await?;
    println!("{:<40} {:>18} {rate:>12.0}", "durable events, batches of 100 (aim 5,000)", "1/s");
    bench.service.flush().await.context("what was admitted could not be written")?;
    bench.tasks.shutdown(Duration::from_secs(10)).await;
    Ok(())
}

impl Bench {
    async fn start() -> anyhow::Result<Self> {
        let dir = tempfile::Builder::new().prefix("perpetuo-load-").tempdir()?;
        let backend = store::Backend::Sqlite { dir: dir.path().to_owned() };
        let db = store::Db::open(&backend, &usage_metering::SCHEMA)?;
        db.migrate().await?;
        let (clock, tasks) = (Clock::system(), Tasks::new());
        let ids = Ids::new(clock.clone());
        let deps = usage_metering::Deps {
            db,
            data_dir: Some(dir.path().to_owned()),
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
        let usage = usage::Usage::local(service.clone(), tasks.tracker()).called_by(Role::Gateway);
        let workspace = WorkspaceId::from_uuid(ids.uuid());
        Ok(Self { service, admissions: Admissions { usage, ids, clock, workspace }, tasks, _dir: dir })
    }
}

impl Admissions {
    /// How long each admission took. All are settled meanwhile.
    pub async fn run(&self, time: Duration) -> anyhow::Result<Vec<Duration>> {
        let mut ticks = interval(Duration::from_secs(1) / RATE);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (begun, mut running, mut latencies) = (Instant::now(), tokio::task::JoinSet::new(), vec![]);
        while begun.elapsed() < time {
            ticks.tick().await;
            let (usage, ask) = (self.usage.clone(), self.ask());
            // From when it was due: who waits for a slow one before it waits as well.
            let due = Instant::now();
            running.spawn(async move {
                let call = Call::service(Role::Gateway, RequestId::from_uuid(uuid::Uuid::nil()));
                let workspace_id = ask.subject.as_ref().map(|s| s.workspace_id.clone()).unwrap_or_default();
                let granted = usage.admit(&call, ask).await?;
                let took = due.elapsed();
                let settle = SettleRequest {
                    workspace_id,
                    grant_id: granted.grant_id,
                    outcome: Outcome::Completed.into(),
                    tokens: Some(Tokens { input: 40, output: 12, ..Tokens::default() }),
                    ..SettleRequest::default()
                };
                usage.settle(&call, settle).await?;
                Ok::<_, tonic::Status>(took)
            });
            while let Some(ended) = running.try_join_next() {
                latencies.push(ended??);
            }
        }
        while let Some(ended) = running.join_next().await {
            latencies.push(ended??);
        }
        Ok(latencies)
    }

    /// Events that were durable per second.
    async fn events(&self, time: Duration) -> anyhow::Result<f64> {
        let scopes: Scopes = [Permission::UsageWrite].into_iter().collect();
        let call = Call::service(Role::Gateway, RequestId::from_uuid(self.ids.uuid()));
        let call = Call { workspace: Some(self.workspace), scopes, ..call };
        let (begun, mut senders) = (Instant::now(), tokio::task::JoinSet::new());
        for _ in 0..SENDERS {
            let (usage, call, ids, clock) = (self.usage.clone(), call.clone(), self.ids.clone(), self.clock.clone());
            senders.spawn(async move {
                let mut recorded = 0;
                while begun.elapsed() < time {
                    let event = |_| UsageEvent {
                        source: "bench".to_owned(),
                        id: ids.uuid().to_string(),
                        resource: "tickets".to_owned(),
                        quantity: 1,
                        at: Some(to_proto(clock.now())),
                        ..UsageEvent::default()
                    };
                    let events = (0..BATCH).map(event).collect();
                    usage.record_usage(&call, RecordUsageRequest { events, limits: None }).await?;
                    recorded += BATCH;
                }
                Ok::<_, tonic::Status>(recorded)
            });
        }
        let mut recorded = 0;
        while let Some(sender) = senders.join_next().await {
            recorded += sender??;
        }
        Ok(recorded as f64 / begun.elapsed().as_secs_f64())
    }

    /// One that fits into a request, a token, a concurrency limit and a quota, all of which are high.
    fn ask(&self) -> AdmitRequest {
        let most = 1_000_000_000;
        let quota = Allowance {
            resource: "tokens".to_owned(),
            period: Period::Month.into(),
            limit: most * 100,
            ..Default::default()
        };
        let layer = Layer {
            kind: LayerKind::Workspace.into(),
            id: self.workspace.to_string(),
            rpm: Some(most),
            tpm: Some(most),
            concurrency: Some(most),
            allowances: vec![quota],
            ..Layer::default()
        };
        AdmitRequest {
            subject: Some(Subject {
                request_id: RequestId::from_uuid(self.ids.uuid()).to_string(),
                workspace_id: self.workspace.to_string(),
                operation: "chat.completions".to_owned(),
                requested_model: "gpt-5".to_owned(),
                created_at: Some(to_proto(self.clock.now())),
                team_id: String::new(),
                ..Subject::default()
            }),
            attempt: 1,
            instance_id: "bench".to_owned(),
            provider: "openai".to_owned(),
            provider_kind: "openai".to_owned(),
            model: "gpt-5".to_owned(),
            estimated_tokens: 100,
            estimated_input_tokens: 40,
            layers: vec![layer],
            currency: "USD".to_owned(),
            ..AdmitRequest::default()
        }
    }
}
