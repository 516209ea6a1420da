//! An engine that does nothing, and knows what it was told.

use super::{
    Fakes,
    executions::{World, execution},
};
use futures::{StreamExt as _, stream};
use proto::{Call, Reason, engine::*};
use tonic::{Status, codegen::BoxStream};

fn known(world: &World, id: &str) -> Result<Execution, Status> {
    world.known.get(id).cloned().ok_or_else(|| Reason::NotFound.with("the engine has no such execution").into())
}

#[tonic::async_trait]
impl Service for Fakes {
    async fn create_execution(
        &self,
        call: &Call,
        request: CreateExecutionRequest,
    ) -> Result<CreateExecutionResponse, Status> {
        self.note("engine.create_execution", call, &request);
        let mut world = self.world();
        world.refusal("engine.create_execution")?;
        world.created.push(request.clone());
        let existed = world.known.contains_key(&request.execution_id);
        let new = Execution { depth: request.depth, ..execution(&request.execution_id, Phase::Queued) };
        let execution = world.known.entry(request.execution_id).or_insert(new).clone();
        Ok(CreateExecutionResponse { execution: Some(execution), existed })
    }
    async fn get_execution(&self, call: &Call, request: GetExecutionRequest) -> Result<GetExecutionResponse, Status> {
        self.note("engine.get_execution", call, &request);
        Ok(GetExecutionResponse { execution: Some(known(&self.world(), &request.execution_id)?) })
    }
    async fn batch_get_executions(
        &self,
        call: &Call,
        request: BatchGetExecutionsRequest,
    ) -> Result<BatchGetExecutionsResponse, Status> {
        self.note("engine.batch_get_executions", call, &request);
        let mut world = self.world();
        world.refusal("engine.batch_get_executions")?;
        let found = request.execution_ids.iter().filter_map(|id| world.known.get(id).cloned());
        Ok(BatchGetExecutionsResponse { executions: found.collect() })
    }
    async fn get_document(&self, call: &Call, request: GetDocumentRequest) -> Result<GetDocumentResponse, Status> {
        self.note("engine.get_document", call, &request);
        Ok(GetDocumentResponse { json: self.world().document.into() })
    }
    async fn watch_execution(
        &self,
        call: &Call,
        request: WatchExecutionRequest,
    ) -> Result<BoxStream<ExecutionEvent>, Status> {
        self.note("engine.watch_execution", call, &request);
        let mut world = self.world();
        let mut events: Vec<_> =
            world.events.iter().filter(|event| event.seq > request.after).cloned().map(Ok).collect();
        if let Err(status) = world.refusal("engine.watch_execution") {
            events.push(Err(status));
        }
        let events = stream::iter(events);
        Ok(if world.goes_on { events.chain(stream::pending()).boxed() } else { events.boxed() })
    }
    async fn cancel_execution(
        &self,
        call: &Call,
        request: CancelExecutionRequest,
    ) -> Result<CancelExecutionResponse, Status> {
        self.note("engine.cancel_execution", call, &request);
        let mut world = self.world();
        let mut execution = known(&world, &request.execution_id)?;
        match execution.phase() {
            Phase::Queued => execution.set_phase(Phase::Cancelled),
            Phase::Running | Phase::AwaitingInput => execution.set_phase(Phase::Cancelling),
            _ => {}
        }
        world.known.insert(request.execution_id, execution.clone());
        Ok(CancelExecutionResponse { execution: Some(execution) })
    }
    async fn delete_execution(
        &self,
        call: &Call,
        request: DeleteExecutionRequest,
    ) -> Result<DeleteExecutionResponse, Status> {
        self.note("engine.delete_execution", call, &request);
        let mut world = self.world();
        let deleted = known(&world, &request.execution_id)?.phase() != Phase::Cancelling;
        if deleted {
            world.known.remove(&request.execution_id);
        }
        Ok(DeleteExecutionResponse { deleted })
    }
    async fn answer_questions(
        &self,
        call: &Call,
        request: AnswerQuestionsRequest,
    ) -> Result<AnswerQuestionsResponse, Status> {
        self.note("engine.answer_questions", call, &request);
        let execution = known(&self.world(), &request.execution_id)?;
        if execution.phase() != Phase::AwaitingInput {
            return Err(Reason::Conflict.with("nothing is asked").into());
        }
        Ok(AnswerQuestionsResponse {
            execution: Some(super::executions::execution(&request.execution_id, Phase::Queued)),
        })
    }
    async fn record_outcomes(
        &self,
        call: &Call,
        request: RecordOutcomesRequest,
    ) -> Result<RecordOutcomesResponse, Status> {
        self.note("engine.record_outcomes", call, &request);
        Ok(RecordOutcomesResponse { json: r#"{"actuals":[],"agents":[]}"#.into() })
    }
    async fn render_report(&self, call: &Call, request: RenderReportRequest) -> Result<RenderReportResponse, Status> {
        self.note("engine.render_report", call, &request);
        let content = if request.check_only { "" } else { "%PDF-1.7" }.into();
        Ok(RenderReportResponse {
            content,
            content_type: "application/pdf".into(),
            file_name: "report.pdf".into(),
            export_hash: "0199".repeat(16),
        })
    }
}
