//! The service: what it is given, and one line for each rpc.

use crate::{Config, Error, execution, outcome, worker};
use proto::{
    Call,
    engine::{
        AnswerQuestionsRequest, AnswerQuestionsResponse, BatchGetExecutionsRequest, BatchGetExecutionsResponse,
        CancelExecutionRequest, CancelExecutionResponse, CreateExecutionRequest, CreateExecutionResponse,
        DeleteExecutionRequest, DeleteExecutionResponse, ExecutionEvent, GetDocumentRequest, GetDocumentResponse,
        GetExecutionRequest, GetExecutionResponse, RecordOutcomesRequest, RecordOutcomesResponse, RenderReportRequest,
        RenderReportResponse, Service, WatchExecutionRequest,
    },
    gateway::Gateway,
    id::ExecutionId,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};
use store::Db;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tonic::{Status, codegen::BoxStream};
use uuid::Uuid;

/// What the engine needs from its process.
pub struct Deps {
    /// With the migrations of [`crate::SCHEMA`] applied.
    pub db: Db,
    /// Models; the handle is used as the role agent-engine.
    pub gateway: Gateway,
    /// The time of day.
    pub clock: host::Clock,
    /// The id of this worker, and of its requests.
    pub ids: host::Ids,
    /// Where executions run.
    pub tasks: host::Tasks,
}

/// The agent engine. Implements [`proto::engine::Service`]; cheap to clone.
#[derive(Clone)]
pub struct AgentEngine(pub(crate) Arc<Inner>);

/// What rpcs and executions share.
pub(crate) struct Inner {
    pub config: Config,
    pub db: Db,
    pub gateway: Gateway,
    pub clock: host::Clock,
    pub ids: host::Ids,
    pub tasks: host::Tasks,
    /// This process, as the holder of leases.
    pub worker: Uuid,
    /// Something may be there to be worked on.
    pub wake: Notify,
    /// Rises with each event that this process writes.
    pub told: watch::Sender<u64>,
    /// What is worked on here, in which epoch, and how to end it.
    pub running: Mutex<BTreeMap<(ExecutionId, i64), CancellationToken>>,
}

impl AgentEngine {
    /// An engine that works on what is there, until the process stops.
    ///
    /// # Errors
    /// For settings that cannot be worked with, and if the database fails.
    pub async fn new(config: Config, deps: Deps) -> Result<Self, Error> {
        if let Some(problem) = config.problem() {
            return Err(Error::Settings(problem));
        }
        let Deps { db, gateway, clock, ids, tasks } = deps;
        let inner = Arc::new(Inner {
            config,
            gateway: gateway.called_by(proto::Role::AgentEngine),
            worker: ids.uuid(),
            wake: Notify::new(),
            told: watch::Sender::new(0),
            running: Mutex::default(),
            db,
            clock,
            ids,
            tasks,
        });
        worker::start(&inner).await?;
        Ok(Self(inner))
    }

    /// Goes on if the database answers.
    ///
    /// # Errors
    /// A sentence for operators.
    pub async fn check(&self) -> Result<(), &'static str> {
        self.0.db.ping().await.map_err(|_| "the database does not answer")
    }
}

impl Inner {
    /// Says that there are new events.
    pub fn tell(&self) {
        self.told.send_modify(|told| *told = told.wrapping_add(1));
    }

    /// Ends an execution that is worked on here.
    pub fn end(&self, id: ExecutionId) {
        let running = self.running.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for (_, token) in running.range((id, i64::MIN)..=(id, i64::MAX)) {
            token.cancel();
        }
    }
}

#[tonic::async_trait]
impl Service for AgentEngine {
    async fn create_execution(
        &self,
        _: &Call,
        request: CreateExecutionRequest,
    ) -> Result<CreateExecutionResponse, Status> {
        Ok(execution::create(&self.0, request).await?)
    }

    async fn get_execution(&self, _: &Call, request: GetExecutionRequest) -> Result<GetExecutionResponse, Status> {
        Ok(execution::get(&self.0, &request).await?)
    }

    async fn batch_get_executions(
        &self,
        _: &Call,
        request: BatchGetExecutionsRequest,
    ) -> Result<BatchGetExecutionsResponse, Status> {
        Ok(execution::batch_get(&self.0, &request).await?)
    }

    async fn get_document(&self, _: &Call, request: GetDocumentRequest) -> Result<GetDocumentResponse, Status> {
        Ok(execution::document(&self.0, &request).await?)
    }

    async fn watch_execution(
        &self,
        _: &Call,
        request: WatchExecutionRequest,
    ) -> Result<BoxStream<ExecutionEvent>, Status> {
        Ok(execution::watch(&self.0, &request).await?)
    }

    async fn cancel_execution(
        &self,
        _: &Call,
        request: CancelExecutionRequest,
    ) -> Result<CancelExecutionResponse, Status> {
        Ok(execution::cancel(&self.0, &request).await?)
    }

    async fn delete_execution(
        &self,
        _: &Call,
        request: DeleteExecutionRequest,
    ) -> Result<DeleteExecutionResponse, Status> {
        Ok(execution::delete(&self.0, &request).await?)
    }

    async fn answer_questions(
        &self,
        _: &Call,
        request: AnswerQuestionsRequest,
    ) -> Result<AnswerQuestionsResponse, Status> {
        Ok(execution::answer(&self.0, request).await?)
    }

    async fn record_outcomes(
        &self,
        _: &Call,
        request: RecordOutcomesRequest,
    ) -> Result<RecordOutcomesResponse, Status> {
        Ok(outcome::record(&self.0, &request).await?)
    }

    async fn render_report(&self, _: &Call, request: RenderReportRequest) -> Result<RenderReportResponse, Status> {
        Ok(execution::render(&self.0, request).await?)
    }
}
