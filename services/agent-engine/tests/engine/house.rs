//! An engine on a fresh database. It can be killed at any instant, and another one started on what it left.

use crate::board::{Board, Gate};
use agent_engine::{AgentEngine, Config, Deps, SCHEMA};
use futures::StreamExt as _;
use host::{Clock, Ids, Tasks};
use proto::{
    Call, Role,
    engine::{
        AgentEngine as Handle, Brief, CreateExecutionRequest, Depth, Execution, ExecutionEvent, Fact,
        GetDocumentRequest, GetExecutionRequest, Part, Phase, WatchExecutionRequest,
    },
    gateway::Gateway,
    id::{ExecutionId, RequestId},
};
use serde_json::Value;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use store::{
    Db,
    testing::{self, Breakpoint, Fresh, Side},
};
use tokio::runtime::Runtime;
use uuid::Uuid;

pub(crate) use store::on_both_databases;

pub struct House {
    pub board: Arc<Board>,
    pub fresh: Fresh,
    config: Config,
    worker: Mutex<Option<Worker>>,
    side: Mutex<Side>,
}

/// A process, as far as it can be killed.
pub struct Worker {
    runtime: Option<Runtime>,
    pub engine: Handle,
    /// Where its transactions can be made to stand still.
    pub breakpoint: Arc<Breakpoint>,
}

impl Worker {
    async fn start(fresh: &Fresh, board: &Arc<Board>, config: &Config, side: Side) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("one");
        let (backend, board, config) = (fresh.backend.clone(), board.clone(), config.clone());
        let breakpoint = Arc::new(Breakpoint::new(side));
        let stops = breakpoint.clone();
        let started = runtime.spawn(async move {
            let tasks = Tasks::new();
            let (clock, gateway) = (Clock::system(), Gateway::local(Gate(board), tasks.tracker()));
            let db = Db::open(&backend, &SCHEMA).expect("the database opens");
            db.stop_at(stops);
            let deps = Deps { db, gateway, ids: Ids::new(clock.clone()), clock, tasks: tasks.clone() };
            let engine = AgentEngine::new(config, deps).await.expect("an engine");
            Handle::local(engine, tasks.tracker()).called_by(Role::Edge)
        });
        let engine = started.await.expect("it starts");
        Self { runtime: Some(runtime), engine, breakpoint }
    }

    /// Everything in memory is gone.
    pub fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl House {
    pub async fn on_sqlite() -> Self {
        Self::open(testing::sqlite(&SCHEMA).await).await
    }

    pub async fn on_postgres() -> Option<Self> {
        Some(Self::open(testing::postgres(&SCHEMA).await?).await)
    }

    async fn open(fresh: Fresh) -> Self {
        let config = Config { orphan_patience_seconds: 1, ..Config::default() };
        let board = Arc::new(Board::default());
        let worker = Worker::start(&fresh, &board, &config, Side::After).await;
        Self { board, fresh, config, worker: Mutex::new(Some(worker)), side: Mutex::new(Side::After) }
    }

    /// Another process on the same database.
    pub async fn another(&self) -> Worker {
        Worker::start(&self.fresh, &self.board, &self.config, Side::After).await
    }

    /// The engine of the process that runs.
    pub fn engine(&self) -> Handle {
        self.worker.lock().unwrap().as_ref().expect("a process runs").engine.clone()
    }

    /// Kills the process, and starts another one once the lease of the first is over.
    pub async fn restart(&self) {
        self.kill();
        self.expire_leases().await;
        let side = *self.side.lock().unwrap();
        let worker = Worker::start(&self.fresh, &self.board, &self.config, side).await;
        *self.worker.lock().unwrap() = Some(worker);
    }

    /// Another process, which can be made to stand still at this side of commits; so can those after it.
    pub async fn restart_stopping(&self, side: Side) {
        *self.side.lock().unwrap() = side;
        self.restart().await;
    }

    /// Where the transactions of the process that runs can be made to stand still.
    pub fn breakpoint(&self) -> Arc<Breakpoint> {
        self.worker.lock().unwrap().as_ref().expect("a process runs").breakpoint.clone()
    }

    /// Does something in the process that runs: it dies with it.
    pub fn within<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> tokio::task::JoinHandle<T> {
        let worker = self.worker.lock().unwrap();
        let runtime = worker.as_ref().and_then(|worker| worker.runtime.as_ref()).expect("a process runs");
        runtime.spawn(what)
    }

    /// As if it had been taken up, and somebody had been asked, so many seconds before.
    pub async fn has_waited(&self, id: &str, seconds: i64) {
        let id: ExecutionId = id.parse().expect("an id");
        let at = Clock::system().now() - chrono::TimeDelta::seconds(seconds);
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let aged = same("update executions set created_at = $2, started_at = $2, left_at = $2 where id = $1");
        tx.execute(aged, &[id.into(), at.into()]).await.expect("it has waited");
        tx.commit().await.expect("commits");
    }

    /// Kills the process.
    pub fn kill(&self) {
        if let Some(worker) = self.worker.lock().unwrap().take() {
            worker.kill();
        }
    }

    /// The plan of an execution, as it is kept.
    pub async fn plan(&self, id: &str) -> String {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        let (plan,): (String,) =
            tx.fetch_one(same("select plan from executions where id = $1"), &[id.into()]).await.expect("a plan");
        plan
    }

    /// Puts another plan in its place, and texts that it refers to.
    pub async fn put_plan(&self, id: &str, plan: &str, texts: &[(&str, &str)]) {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let put = same("update executions set plan = $2 where id = $1");
        tx.execute(put, &[id.into(), plan.into()]).await.expect("a plan");
        let text = same("insert into texts (hash, body) values ($1, $2) on conflict (hash) do nothing");
        for (hash, body) in texts {
            tx.execute(text, &[(*hash).into(), (*body).into()]).await.expect("a text");
        }
        tx.commit().await.expect("commits");
    }

    /// As if a newer release put what models are told otherwise. Schemas stay as they are.
    pub async fn reword(&self) {
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let put = same("update texts set body = body || ' Put otherwise.' where body not like '{%'");
        assert!(tx.execute(put, &[]).await.expect("texts") > 0);
        tx.commit().await.expect("commits");
    }

    /// What plans refer to is nowhere, until it is put back.
    pub async fn forget_texts(&self) -> Vec<(String, String)> {
        let texts = self.texts().await;
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        tx.execute(same("delete from texts"), &[]).await.expect("texts");
        tx.commit().await.expect("commits");
        texts
    }

    /// Words that are kept to be asked again.
    pub async fn bodies(&self) -> i64 {
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        let count = same("select count(*) as n from calls where body is not null");
        let (count,): (i64,) = tx.fetch_one(count, &[]).await.expect("a number");
        count
    }

    /// The texts that plans refer to, by their hashes.
    pub async fn texts(&self) -> Vec<(String, String)> {
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        tx.fetch_all(same("select hash, body from texts order by hash"), &[]).await.expect("texts")
    }

    /// How often it was taken up.
    pub async fn epoch(&self, id: &str) -> i64 {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        let (epoch,): (i64,) =
            tx.fetch_one(same("select epoch from executions where id = $1"), &[id.into()]).await.expect("an epoch");
        epoch
    }

    /// Until when it is held.
    pub async fn lease(&self, id: &str) -> Option<chrono::DateTime<chrono::Utc>> {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        let lease = same("select lease_until from executions where id = $1");
        let (until,): (Option<chrono::DateTime<chrono::Utc>>,) =
            tx.fetch_one(lease, &[id.into()]).await.expect("a lease");
        until
    }

    /// As if it had been taken up so often.
    pub async fn is_in_epoch(&self, id: &str, epoch: i64) {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let put = same("update executions set epoch = $2 where id = $1");
        tx.execute(put, &[id.into(), epoch.into()]).await.expect("an epoch");
        tx.commit().await.expect("commits");
    }

    /// Rows of all executions.
    pub async fn rows(&self) -> i64 {
        let mut tx = store::GlobalTx::read(&self.fresh.db).await.expect("a transaction");
        let count = same(
            "select cast((select count(*) from executions) + (select count(*) from steps) + (select count(*) from calls)
                + (select count(*) from events) + (select count(*) from reports) as bigint) as n",
        );
        let (count,): (i64,) = tx.fetch_one(count, &[]).await.expect("a number");
        count
    }

    /// As if the time for answers had passed.
    pub async fn answers_are_due(&self, id: &str) {
        let id: ExecutionId = id.parse().expect("an id");
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let due = same("update executions set answers_due_at = created_at where id = $1");
        tx.execute(due, &[id.into()]).await.expect("it is due");
        tx.commit().await.expect("commits");
    }

    /// As if the half minute had passed in which a worker that says nothing is believed to live.
    pub async fn expire_leases(&self) {
        let mut tx = store::GlobalTx::begin(&self.fresh.db).await.expect("a transaction");
        let sql = same(
            "update executions set lease_until = created_at where finished_at is null and lease_until is not null",
        );
        tx.execute(sql, &[]).await.expect("leases");
        tx.commit().await.expect("commits");
    }

    pub fn call(&self) -> Call {
        Call::service(Role::Edge, RequestId::from_uuid(Uuid::from_u128(rand::random())))
    }

    pub fn new_id(&self) -> String {
        ExecutionId::from_uuid(Uuid::from_u128(rand::random())).to_string()
    }

    pub fn request(&self, depth: Depth) -> CreateExecutionRequest {
        let fact = |key: &str, value: f64| Fact { key: key.to_owned(), value, ..Fact::default() };
        CreateExecutionRequest {
            execution_id: self.new_id(),
            budget_token: "bt_scripted".to_owned(),
            brief: Some(Brief {
                problem_description: "Each month 6% of customers leave. We have to decide what to do about it."
                    .to_owned(),
                business_type: "SaaS".to_owned(),
                facts: vec![fact("cash", 500_000.0), fact("revenue", 120_000.0), fact("operating_costs", 140_000.0)],
                constraints: vec![],
                horizon_days: 180,
                currency: "USD".to_owned(),
            }),
            depth: depth.into(),
            locale: "en".to_owned(),
            model: "scripted".to_owned(),
            interactive: false,
        }
    }

    pub async fn create(&self, request: &CreateExecutionRequest) -> Execution {
        let made = self.engine().create_execution(&self.call(), request.clone()).await.expect("it is made");
        made.execution.expect("an execution")
    }

    pub async fn get(&self, id: &str) -> Execution {
        let request = GetExecutionRequest { execution_id: id.to_owned() };
        self.engine().get_execution(&self.call(), request).await.expect("it is there").execution.expect("an execution")
    }

    /// Waits until it has ended.
    pub async fn ended(&self, id: &str) -> Execution {
        let is_over = |phase| matches!(phase, Phase::Completed | Phase::Failed | Phase::Cancelled);
        self.until(id, |execution| is_over(execution.phase())).await
    }

    /// Waits until something is so, half a minute at most.
    pub async fn until(&self, id: &str, holds: impl Fn(&Execution) -> bool) -> Execution {
        let mut last = None;
        for _ in 0..1_500 {
            let execution = self.get(id).await;
            if holds(&execution) {
                return execution;
            }
            last = Some(execution);
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it does not come about: {last:?}");
    }

    /// Makes one, and waits for its end.
    pub async fn run(&self, depth: Depth) -> Execution {
        let request = self.request(depth);
        self.create(&request).await;
        self.ended(&request.execution_id).await
    }

    pub async fn document(&self, id: &str, part: Part) -> Value {
        let request = GetDocumentRequest { execution_id: id.to_owned(), part: part.into() };
        let answer = self.engine().get_document(&self.call(), request).await.expect("a document");
        if answer.json.is_empty() { Value::Null } else { serde_json::from_slice(&answer.json).expect("JSON") }
    }

    /// All events after one, until the last.
    pub async fn events(&self, id: &str, after: i64) -> Vec<ExecutionEvent> {
        let request = WatchExecutionRequest { execution_id: id.to_owned(), after };
        let stream = self.engine().watch_execution(&self.call(), request).await.expect("events");
        stream.map(|event| event.expect("an event")).collect().await
    }
}

const fn same(text: &'static str) -> store::Sql {
    store::Sql { name: "tests", postgres: text, sqlite: text }
}
