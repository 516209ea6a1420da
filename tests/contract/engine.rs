//! What the agent engine promises, and workspace and gateway of executions.

use crate::{Handles, Somebody, anonymous, checks, random, reason};
use anyhow::{Context as _, ensure};
use futures::StreamExt as _;
use proto::{
    Call, Reason, Role,
    engine::*,
    gateway::{CompleteForExecutionRequest, CompleteRequest, Operation, complete_response},
    id::{ExecutionId, RequestId},
    workspace::{
        CloseExecutionRequest, DeleteExecutionRequest as ForgetRequest, FindExecutionRequest, ListExecutionsRequest,
        ListOpenExecutionsRequest, OpenBudgetRequest, OpenExecutionRequest,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tests::within;

checks!(
    an_execution_is_owned_found_listed_and_closed,
    a_budget_is_for_the_gateway_and_ends_with_the_execution,
    a_model_is_called_for_whoever_began_the_execution,
    an_execution_comes_to_its_report,
    one_is_cancelled_and_erased,
    what_is_missing_is_asked_for,
);

fn new_id() -> String {
    ExecutionId::from_uuid(random()).to_string()
}

/// An execution that belongs to somebody, and its token.
async fn opened(h: &Handles, ada: &Somebody) -> anyhow::Result<(String, String)> {
    let request = OpenExecutionRequest {
        execution_id: new_id(),
        title: "Sales fall".to_owned(),
        depth: "quick".to_owned(),
        max_open: Some(2),
        request_sha256: vec![7; 32].into(),
    };
    let opened = h.workspaces.open_execution(&ada.call, request.clone()).await?;
    let again = h.workspaces.open_execution(&ada.call, request).await?;
    ensure!(again.existed && again.budget_token == opened.budget_token, "the same id is the same token");
    Ok((opened.execution.context("none")?.execution_id, opened.budget_token))
}

async fn an_execution_is_owned_found_listed_and_closed(h: &Handles) -> anyhow::Result<()> {
    let (ada, bob) = (h.somebody().await?, h.somebody().await?);
    let (id, _) = opened(h, &ada).await?;
    let find = FindExecutionRequest { execution_id: id.clone() };
    let found = h.workspaces.find_execution(&ada.call, find.clone()).await?.execution.context("none")?;
    ensure!(found.created_by == ada.user.to_string() && found.outcome.is_empty(), "{found:?}");
    ensure!(reason(h.workspaces.find_execution(&bob.call, find.clone()).await)? == Reason::NotFound);
    let list = async |who: &Somebody, status: &str| {
        let request = ListExecutionsRequest { status: status.to_owned(), ..ListExecutionsRequest::default() };
        anyhow::Ok(h.workspaces.list_executions(&who.call, request).await?.executions.len())
    };
    ensure!((list(&ada, "").await?, list(&ada, "open").await?, list(&bob, "").await?) == (1, 1, 0));
    let of_ada = Call { workspace: Some(ada.workspace), ..Call::service(Role::Edge, anonymous().request_id) };
    let open = h.workspaces.list_open_executions(&of_ada, ListOpenExecutionsRequest::default()).await?;
    ensure!(open.executions.iter().any(|execution| execution.execution_id == id), "{open:?}");
    let close = CloseExecutionRequest { execution_id: id.clone(), outcome: "completed".to_owned() };
    h.workspaces.close_execution(&of_ada, close.clone()).await?;
    h.workspaces.close_execution(&of_ada, close).await?;
    ensure!((list(&ada, "open").await?, list(&ada, "completed").await?) == (0, 1));
    h.workspaces.delete_execution(&ada.call, ForgetRequest { execution_id: id }).await?;
    ensure!(reason(h.workspaces.find_execution(&ada.call, find).await)? == Reason::NotFound);
    Ok(())
}

async fn a_budget_is_for_the_gateway_and_ends_with_the_execution(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let (id, token) = opened(h, &ada).await?;
    let request = OpenBudgetRequest { token_sha256: Sha256::digest(&token).to_vec().into() };
    let refused = h.workspaces.open_budget(&anonymous(), request.clone()).await;
    ensure!(reason(refused)? == Reason::PermissionDenied, "the edge may not");
    let gateway = h.called_by(Role::Gateway);
    let budget = gateway.workspaces.open_budget(&anonymous(), request.clone()).await?;
    ensure!((budget.workspace_id, budget.principal) == (ada.workspace.to_string(), ada.user.to_string()));
    let of_ada = Call { workspace: Some(ada.workspace), ..Call::service(Role::Edge, anonymous().request_id) };
    let close = CloseExecutionRequest { execution_id: id, outcome: "cancelled".to_owned() };
    h.workspaces.close_execution(&of_ada, close).await?;
    ensure!(reason(gateway.workspaces.open_budget(&anonymous(), request).await)? == Reason::NotFound);
    Ok(())
}

async fn a_model_is_called_for_whoever_began_the_execution(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let (_, token) = opened(h, &ada).await?;
    let body = json!({"model": "simulator/chat", "messages": [{"role": "user", "content": "hi"}]});
    let request = CompleteForExecutionRequest {
        budget_token: token,
        request: Some(CompleteRequest {
            operation: Operation::ChatCompletions.into(),
            body: body.to_string().into(),
            ..CompleteRequest::default()
        }),
    };
    let refused = h.gateway.complete_for_execution(&ada.call, request.clone()).await.map(drop);
    ensure!(reason(refused)? == Reason::PermissionDenied, "only the engine has budgets");
    let engine = h.called_by(Role::AgentEngine);
    let mut replayed = vec![];
    for _ in 0..2 {
        let id = RequestId::from_uuid(random());
        let call = Call { idempotency_key: Some("step/1".into()), ..Call::service(Role::AgentEngine, id) };
        let mut parts = engine.gateway.complete_for_execution(&call, request.clone()).await?;
        while let Some(part) = parts.next().await {
            if let Some(complete_response::Part::Head(head)) = part?.part {
                ensure!(head.status == 200, "{head:?}");
                replayed.push(head.replayed);
            }
        }
    }
    ensure!(replayed == [false, true], "the same key is the same answer: {replayed:?}");
    let none = CompleteForExecutionRequest { budget_token: "bt_none".to_owned(), ..request };
    let call = Call::service(Role::AgentEngine, RequestId::from_uuid(random()));
    ensure!(reason(engine.gateway.complete_for_execution(&call, none).await.map(drop))? == Reason::NotFound);
    Ok(())
}

fn problem(token: String, id: String) -> CreateExecutionRequest {
    CreateExecutionRequest {
        execution_id: id,
        budget_token: token,
        brief: Some(Brief {
            problem_description: "As vendas caíram 20% e o caixa é de R$ 300 mil. O churn é de 6% ao mês.".to_owned(),
            business_type: "SaaS".to_owned(),
            currency: "BRL".to_owned(),
            ..Brief::default()
        }),
        depth: Depth::Quick.into(),
        locale: "pt-BR".to_owned(),
        model: "simulator/business".to_owned(),
        interactive: false,
    }
}

async fn begun(h: &Handles, ada: &Somebody, interactive: bool) -> anyhow::Result<Execution> {
    let (id, token) = opened(h, ada).await?;
    let request = CreateExecutionRequest { interactive, ..problem(token, id) };
    let made = h.engine.create_execution(&anonymous(), request.clone()).await?;
    let again = h.engine.create_execution(&anonymous(), request).await?;
    ensure!(!made.existed && again.existed, "the same id is the same execution");
    made.execution.context("no execution")
}

/// Waits until it is as it should be.
async fn until(h: &Handles, id: &str, is: Phase) -> anyhow::Result<Execution> {
    within(Duration::from_secs(30), async || {
        let request = GetExecutionRequest { execution_id: id.to_owned() };
        let found = h.engine.get_execution(&anonymous(), request).await?.execution.context("none")?;
        ensure!(found.phase() == is, "{found:?}");
        Ok(found)
    })
    .await
}

async fn an_execution_comes_to_its_report(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let id = begun(h, &ada, false).await?.execution_id;
    let watch = WatchExecutionRequest { execution_id: id.clone(), after: 0 };
    let events: Vec<_> = h.engine.watch_execution(&anonymous(), watch).await?.collect().await;
    let last = events.last().context("no events")?.as_ref().map_err(|status| anyhow::anyhow!("{status}"))?;
    ensure!(last.r#type == "execution.completed" && last.seq == i64::try_from(events.len())?, "{last:?}");
    let done = until(h, &id, Phase::Completed).await?;
    ensure!(done.progress >= 1.0 && done.replies > 0 && done.report_hash.len() == 64, "{done:?}");
    let batch = BatchGetExecutionsRequest { execution_ids: vec![id.clone(), new_id()] };
    ensure!(h.engine.batch_get_executions(&anonymous(), batch).await?.executions.len() == 1);
    let document = GetDocumentRequest { execution_id: id.clone(), part: Part::Report.into() };
    let report: Value = serde_json::from_slice(&h.engine.get_document(&anonymous(), document).await?.json)?;
    ensure!(report["meeting"]["decisions"].as_array().is_some_and(|decisions| !decisions.is_empty()), "{report}");
    let render = RenderReportRequest { execution_id: id.clone(), format: "pdf".to_owned(), ..Default::default() };
    ensure!(h.engine.render_report(&anonymous(), render).await?.content.starts_with(b"%PDF"));
    let actuals = vec![ActualValue { metric: "churn".to_owned(), value: 5.0, day: 0 }];
    let outcomes = RecordOutcomesRequest { execution_id: id, actuals };
    ensure!(!h.engine.record_outcomes(&anonymous(), outcomes).await?.json.is_empty());
    let absent = GetExecutionRequest { execution_id: new_id() };
    ensure!(reason(h.engine.get_execution(&anonymous(), absent.clone()).await)? == Reason::NotFound);
    let client = h.engine.get_execution(&ada.call, absent).await;
    ensure!(reason(client)? == Reason::NotFound, "a peer asks, whoever stands behind it");
    Ok(())
}

async fn one_is_cancelled_and_erased(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let id = begun(h, &ada, true).await?.execution_id;
    until(h, &id, Phase::AwaitingInput).await?;
    h.engine.cancel_execution(&anonymous(), CancelExecutionRequest { execution_id: id.clone() }).await?;
    until(h, &id, Phase::Cancelled).await?;
    let erase = DeleteExecutionRequest { execution_id: id.clone() };
    ensure!(h.engine.delete_execution(&anonymous(), erase.clone()).await?.deleted);
    ensure!(reason(h.engine.delete_execution(&anonymous(), erase).await)? == Reason::NotFound);
    Ok(())
}

async fn what_is_missing_is_asked_for(h: &Handles) -> anyhow::Result<()> {
    let ada = h.somebody().await?;
    let id = begun(h, &ada, true).await?.execution_id;
    let waiting = until(h, &id, Phase::AwaitingInput).await?;
    let asked = waiting.questions.first().context("nothing is asked")?;
    let answers = vec![Fact { key: asked.key.clone(), value: 10.0, ..Fact::default() }];
    let request = AnswerQuestionsRequest { execution_id: id.clone(), answers };
    h.engine.answer_questions(&anonymous(), request.clone()).await?;
    until(h, &id, Phase::Completed).await?;
    ensure!(reason(h.engine.answer_questions(&anonymous(), request).await)? == Reason::Conflict);
    Ok(())
}
