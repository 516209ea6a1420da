//! A running service, and requests to it.

use crate::house::House;
use chrono::{DateTime, Utc};
use host::{Clock, ClockHand, Ids, Tasks};
use proto::{
    Call, Failure, Permission, Reason, Role, Scopes,
    id::{KeyId, RequestId, WorkspaceId},
    time::to_proto,
    usage::{self, *},
};
use std::{path::PathBuf, sync::Arc, time::Duration};
use store::{Db, testing::Fresh};
use usage_metering::{Config, Deps, Letters, Peers, SCHEMA};

/// Where the ledger is kept, and by which means it is durable.
pub enum Place {
    /// SQLite and a journal.
    Embedded,
    /// SQLite, group commit.
    Group,
    /// PostgreSQL, group commit. Skipped where there is no server for tests.
    Postgres,
}

pub struct World {
    pub service: usage_metering::Usage,
    pub usage: usage::Usage,
    pub clock: Clock,
    pub hand: ClockHand,
    pub ids: Ids,
    pub tasks: Tasks,
    pub db: Db,
    /// Who is there, and where letters go.
    pub house: House,
    /// Keeps the files of the database.
    pub fresh: Option<Arc<Fresh>>,
    pub dir: Option<Arc<tempfile::TempDir>>,
    pub workspace: WorkspaceId,
    pub key: KeyId,
}

/// What a workspace used altogether.
pub struct Total {
    pub total_requests: i64,
    pub total_input_tokens: i64,
    pub total_output_tokens: i64,
    pub total_cost_micros: i64,
    pub unpriced_requests: i64,
}

impl From<GetUsageResponse> for Total {
    fn from(answer: GetUsageResponse) -> Self {
        let sums = answer.sums.unwrap();
        Self {
            total_requests: sums.requests,
            total_input_tokens: sums.input_tokens,
            total_output_tokens: sums.output_tokens,
            total_cost_micros: sums.cost_micros.unwrap_or(0),
            unpriced_requests: sums.unpriced_attempts,
        }
    }
}

/// One attempt on its way.
#[derive(Clone)]
pub struct Ask(pub AdmitRequest);

pub fn start() -> DateTime<Utc> {
    "2026-11-21T08:00:00Z".parse().unwrap()
}

/// A service in each place that there is.
pub async fn everywhere() -> Vec<World> {
    let mut worlds = vec![];
    for place in [Place::Embedded, Place::Group, Place::Postgres] {
        worlds.extend(World::at(place, quick()).await);
    }
    worlds
}

/// Leases of a second, so that tests need not wait for long ones.
pub fn quick() -> Config {
    Config { lease_seconds: 1, ..Config::default() }
}

impl World {
    pub async fn embedded() -> Self {
        Self::at(Place::Embedded, quick()).await.unwrap()
    }

    pub async fn at(place: Place, config: Config) -> Option<Self> {
        let (fresh, dir) = match place {
            Place::Embedded => (store::testing::sqlite(&SCHEMA).await, Some(Arc::new(tempfile::tempdir().unwrap()))),
            Place::Group => (store::testing::sqlite(&SCHEMA).await, None),
            Place::Postgres => (store::testing::postgres(&SCHEMA).await?, None),
        };
        Some(Self::open(Arc::new(fresh), dir, config, None).await.unwrap())
    }

    /// A process on what is there.
    pub async fn open(
        fresh: Arc<Fresh>,
        dir: Option<Arc<tempfile::TempDir>>,
        config: Config,
        redis_url: Option<&str>,
    ) -> Result<Self, usage_metering::Error> {
        let db = Db::open(&fresh.backend, &SCHEMA).unwrap();
        let dir_path = dir.as_ref().map(|dir| PathBuf::from(dir.path()));
        let world = Self::with_db(db, dir_path, config, redis_url).await?;
        Ok(Self { fresh: Some(fresh), dir, ..world })
    }

    /// A process on what is there whose clock goes by itself; nothing else moves it.
    pub async fn in_real_time(fresh: Arc<Fresh>, config: Config, redis_url: &str) -> Self {
        let db = Db::open(&fresh.backend, &SCHEMA).unwrap();
        let (_, hand) = Clock::manual(start());
        let world = Self::with_clock(db, None, config, Some(redis_url), (Clock::system(), hand)).await.unwrap();
        Self { fresh: Some(fresh), ..world }
    }

    pub async fn with_db(
        db: Db,
        data_dir: Option<PathBuf>,
        config: Config,
        redis_url: Option<&str>,
    ) -> Result<Self, usage_metering::Error> {
        Self::with_clock(db, data_dir, config, redis_url, Clock::manual(start())).await
    }

    async fn with_clock(
        db: Db,
        data_dir: Option<PathBuf>,
        config: Config,
        redis_url: Option<&str>,
        clock: (Clock, ClockHand),
    ) -> Result<Self, usage_metering::Error> {
        let tasks = Tasks::new();
        let house = House::new();
        let others = (Some(house.peers(&tasks.tracker())), Some(house.letters()));
        Self::beside(db, data_dir, config, redis_url, clock, (house, tasks, others)).await
    }

    /// An embedded service that knows nobody.
    pub async fn alone(config: Config) -> Self {
        let (fresh, dir) = (store::testing::sqlite(&SCHEMA).await, tempfile::tempdir().unwrap());
        let db = Db::open(&fresh.backend, &SCHEMA).unwrap();
        let parts = (House::new(), Tasks::new(), (None, None));
        let world =
            Self::beside(db, Some(dir.path().to_owned()), config, None, Clock::manual(start()), parts).await.unwrap();
        Self { fresh: Some(Arc::new(fresh)), dir: Some(Arc::new(dir)), ..world }
    }

    async fn beside(
        db: Db,
        data_dir: Option<PathBuf>,
        config: Config,
        redis_url: Option<&str>,
        (clock, hand): (Clock, ClockHand),
        (house, tasks, (peers, letters)): (House, Tasks, (Option<Peers>, Option<Letters>)),
    ) -> Result<Self, usage_metering::Error> {
        let deps = Deps {
            db: db.clone(),
            data_dir,
            redis_url: redis_url.map(Into::into),
            clock: clock.clone(),
            ids: Ids::new(clock.clone()),
            master: store::seal::MasterKey::from_hex(&"2a".repeat(32)).unwrap(),
            // The storages of tests are on this machine.
            guard: egress::Guard::new(
                &egress::Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Default::default() },
                false,
                vec![],
            ),
            peers,
            letters,
            tasks: tasks.clone(),
        };
        let service = usage_metering::Usage::new(config, deps).await?;
        let usage = usage::Usage::local(service.clone(), tasks.tracker()).called_by(Role::Gateway);
        let ids = Ids::new(clock.clone());
        let (workspace, key) = (WorkspaceId::from_uuid(ids.uuid()), KeyId::from_uuid(ids.uuid()));
        Ok(Self { service, usage, clock, hand, ids, tasks, db, house, fresh: None, dir: None, workspace, key })
    }

    /// As a reader of the workspace calls.
    pub fn reader(&self, workspace: WorkspaceId) -> Call {
        let scopes: Scopes = [Permission::LogsRead, Permission::UsageRead].into_iter().collect();
        Call { workspace: Some(workspace), scopes, ..self.call() }
    }

    pub fn call(&self) -> Call {
        Call::service(Role::Gateway, RequestId::from_uuid(self.ids.uuid()))
    }

    /// A new request without limits.
    pub fn ask(&self) -> Ask {
        let request = RequestId::from_uuid(self.ids.uuid());
        Ask(AdmitRequest {
            subject: Some(Subject {
                request_id: request.to_string(),
                workspace_id: self.workspace.to_string(),
                api_key_id: self.key.to_string(),
                user_id: String::new(),
                operation: "chat.completions".into(),
                requested_model: "gpt-5".into(),
                stream: true,
                created_at: Some(to_proto(self.clock.now())),
                team_id: String::new(),
            }),
            attempt: 1,
            instance_id: "gateway-1".into(),
            provider: "openai".into(),
            provider_kind: "openai".into(),
            provider_id: String::new(),
            model: "gpt-5-2026".into(),
            estimated_tokens: 100,
            estimated_input_tokens: 40,
            layers: vec![],
            expires_at: Some(to_proto(self.clock.now() + Duration::from_secs(600))),
            free: false,
            currency: "USD".into(),
            ..AdmitRequest::default()
        })
    }

    pub async fn admit(&self, ask: &Ask) -> Result<AdmitResponse, Failure> {
        self.usage.admit(&self.call(), ask.0.clone()).await.map_err(|status| Failure::from(&status))
    }

    pub async fn settle(&self, settle: SettleRequest) -> Result<SettleResponse, Failure> {
        self.usage.settle(&self.call(), settle).await.map_err(|status| Failure::from(&status))
    }

    /// Admits and settles a request; its id.
    pub async fn complete(&self, ask: &Ask) -> String {
        self.admit(ask).await.unwrap();
        self.settle(ask.completed()).await.unwrap();
        ask.request_id()
    }

    pub async fn logs(&self, request: ListLogsRequest) -> ListLogsResponse {
        self.usage.list_logs(&self.reader(self.workspace), request).await.unwrap()
    }

    pub async fn log(&self, id: &str) -> Option<RequestLog> {
        let request = GetLogRequest { request_id: id.into() };
        match self.usage.get_log(&self.reader(self.workspace), request).await {
            Ok(answer) => answer.log,
            Err(status) if Reason::of(&status) == Reason::NotFound => None,
            Err(status) => panic!("{status}"),
        }
    }

    pub async fn total(&self) -> Total {
        // Until the end of the month: requests of this instant are in it.
        let to = Some(to_proto("2026-12-01T00:00:00Z".parse().unwrap()));
        let from = Some(to_proto("2026-11-01T00:00:00Z".parse().unwrap()));
        self.usage.get_usage(&self.reader(self.workspace), GetUsageRequest { from, to }).await.unwrap().into()
    }

    pub async fn heartbeat(&self, instance: &str) {
        self.usage.heartbeat(&self.call(), HeartbeatRequest { instance_id: instance.into() }).await.unwrap();
    }

    /// Locks the database for writers, as another program would, until it is dropped.
    pub async fn lock(&self) -> store::GlobalTx {
        let other = Db::open(&self.fresh.as_ref().unwrap().backend, &SCHEMA).unwrap();
        store::GlobalTx::begin(&other).await.unwrap()
    }

    /// Grants that are not settled, over all workspaces.
    pub async fn open_grants(&self) -> i64 {
        let sql = store::Sql {
            name: "test/open",
            postgres: "select count(*) as n from open_grants",
            sqlite: "select count(*) as n from open_grants",
        };
        let mut tx = store::SystemTx::read(&self.db, "test").await.unwrap();
        tx.fetch_one::<(i64,)>(sql, &[]).await.unwrap().0
    }

    /// Ledger rows of a kind, over all workspaces.
    pub async fn rows(&self, kind: &str) -> i64 {
        let sql = store::Sql {
            name: "test/count",
            postgres: "select count(*) as n from ledger where kind = $1",
            sqlite: "select count(*) as n from ledger where kind = $1",
        };
        let mut tx = store::SystemTx::read(&self.db, "test").await.unwrap();
        tx.fetch_one::<(i64,)>(sql, &[kind.into()]).await.unwrap().0
    }
}

impl Ask {
    pub fn request_id(&self) -> String {
        self.0.subject.as_ref().unwrap().request_id.clone()
    }

    pub fn grant_id(&self) -> String {
        format!("{}/{}", self.request_id(), self.0.attempt)
    }

    pub fn limited(mut self, kind: LayerKind, id: impl ToString, set: impl FnOnce(&mut Layer)) -> Self {
        let mut layer = Layer { kind: kind.into(), id: id.to_string(), ..Layer::default() };
        set(&mut layer);
        self.0.layers.push(layer);
        self
    }

    pub fn with(mut self, change: impl FnOnce(&mut AdmitRequest)) -> Self {
        change(&mut self.0);
        self
    }

    /// 50 tokens in, 20 of them cached, 7 out.
    pub fn completed(&self) -> SettleRequest {
        let end = RequestEnd {
            outcome: Outcome::Completed.into(),
            status_code: 200,
            duration_ms: 120,
            ttft_ms: 30,
            ..RequestEnd::default()
        };
        SettleRequest {
            workspace_id: self.0.subject.as_ref().unwrap().workspace_id.clone(),
            grant_id: self.grant_id(),
            outcome: Outcome::Completed.into(),
            tokens: Some(Tokens { input: 30, cache_read: 20, output: 7, reasoning: 3, ..Tokens::default() }),
            provider_status: 200,
            duration_ms: 110,
            ttft_ms: 25,
            request_end: Some(end),
            ..SettleRequest::default()
        }
    }

    /// A failed attempt that another one follows.
    pub fn failed(&self) -> SettleRequest {
        SettleRequest {
            outcome: Outcome::UpstreamError.into(),
            tokens: None,
            provider_status: 503,
            error_code: "UPSTREAM_OVERLOADED".into(),
            request_end: None,
            ..self.completed()
        }
    }
}

/// Asks again and again until the answer is there, for at most `bound`.
pub async fn eventually<T>(bound: Duration, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let deadline = tokio::time::Instant::now() + bound;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(tokio::time::Instant::now() < deadline, "not within {bound:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub const SECOND: Duration = Duration::from_secs(1);
