//! Executions of the agent engine. Whose they are, the workspace service knows; what became of them, the engine does, which
//! learns nothing of who asks.

mod allowed;
mod begin;
mod body;
pub(crate) mod create;
mod currency;
mod doomed;
pub(crate) mod end;
pub(crate) mod events;
pub(crate) mod export;
pub(crate) mod input;
mod language;
mod new;
mod numbers;
pub(crate) mod parts;
pub(crate) mod rate;
pub(crate) mod settle;
mod stream;

use super::page::Page;
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Query, page_size},
};
use axum::extract::State;
use body::{ExecutionBody, ExecutionDetail};
use proto::{
    Call, Failure, Permission, Reason, Role,
    engine::{BatchGetExecutionsRequest, Execution, GetDocumentRequest, GetExecutionRequest, Part, Phase},
    id::ExecutionId,
    workspace::{FindExecutionRequest, ListExecutionsRequest, OwnedExecution},
};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashMap;
use utoipa::{IntoParams, ToSchema};

/// Which executions to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only those that stand like this. What has just ended may be among the running ones for some seconds.
    #[param(inline)]
    status: Option<Status>,
}

#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Running,
    Completed,
    Failed,
    Cancelled,
}

/// List the executions of the workspace, newest first.
#[utoipa::path(get, path = "/executions", tag = "Executions", params(Filter),
    responses((status = 200, description = "A page of them", body = Page<ExecutionBody>)))]
pub(crate) async fn list_executions(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<ExecutionBody>>> {
    require(&call, Permission::ExecutionsRead)?;
    let status = filter.status.map_or("", |status| match status {
        Status::Running => "open",
        Status::Completed => "completed",
        Status::Failed => "failed",
        Status::Cancelled => "cancelled",
    });
    let request = ListExecutionsRequest {
        page_size: page_size(filter.limit)?,
        page_token: filter.cursor.unwrap_or_default(),
        status: status.to_owned(),
    };
    let listed = app.services.workspaces.list_executions(&call, request).await?;
    let ids: Vec<_> = listed.executions.iter().map(|owned| owned.execution_id.clone()).collect();
    let mut found = HashMap::new();
    if !ids.is_empty() {
        let request = BatchGetExecutionsRequest { execution_ids: ids };
        let known = app.services.engine.batch_get_executions(&for_engine(&call), request).await?.executions;
        found = known.into_iter().map(|execution| (execution.execution_id.clone(), execution)).collect();
    }
    Page::new(listed.executions, listed.next_page_token, |owned| {
        let execution = found.get(&owned.execution_id);
        ExecutionBody::new(owned, execution)
    })
    .map(Json)
}

/// Get an execution: how far it is, what it asks, and once it is completed its report in `results`.
#[utoipa::path(get, path = "/executions/{execution_id}", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The execution", body = ExecutionDetail)))]
pub(crate) async fn get_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Json<ExecutionDetail>> {
    let owned = find(&app, &call, id, Permission::ExecutionsRead).await?;
    let execution = look_up(&app, &call, id).await?;
    detail(&app, &call, owned, execution).await.map(Json)
}

/// What is shown of an execution, with its report where there is one.
async fn detail(
    app: &Shared,
    call: &Call,
    owned: OwnedExecution,
    execution: Option<Execution>,
) -> Result<ExecutionDetail> {
    let mut results = None;
    if let Some(execution) = execution.as_ref().filter(|execution| execution.phase() == Phase::Completed) {
        let (execution_id, part) = (execution.execution_id.clone(), Part::Report.into());
        let request = GetDocumentRequest { execution_id, part };
        results = json(&app.services.engine.get_document(&for_engine(call), request).await?.json)?;
    }
    ExecutionDetail::new(owned, execution, results)
}

/// An execution of the caller's workspace, for who may do what is about to be done with it. Before anything else: the engine
/// would show it to everybody. Errors: `PERMISSION_DENIED`; `NOT_FOUND`, also for one of another workspace.
async fn find(app: &Shared, call: &Call, id: ExecutionId, permission: Permission) -> Result<OwnedExecution> {
    require(call, permission)?;
    let finding = Call { scopes: call.scopes.with(Permission::ExecutionsRead), ..call.clone() };
    let request = FindExecutionRequest { execution_id: id.to_string() };
    let found = app.services.workspaces.find_execution(&finding, request).await?;
    found.execution.ok_or_else(|| Error::incomplete("the execution"))
}

/// What the engine knows of it. None where it is not there yet, or no more.
async fn look_up(app: &Shared, call: &Call, id: ExecutionId) -> Result<Option<Execution>> {
    let request = GetExecutionRequest { execution_id: id.to_string() };
    match app.services.engine.get_execution(&for_engine(call), request).await {
        Ok(found) => Ok(found.execution),
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

/// The engine knows nobody, so that nothing but this stands between it and the caller. Errors: `PERMISSION_DENIED`.
fn require(call: &Call, permission: Permission) -> Result<(), Failure> {
    if call.scopes.contains(permission) {
        return Ok(());
    }
    Err(call.denied(permission))
}

/// The call with which the engine is asked: of the caller only until when they wait, and the id under which both log.
fn for_engine(call: &Call) -> Call {
    Call { deadline: call.deadline, ..Call::service(Role::Edge, call.request_id) }
}

const fn is_terminal(phase: Phase) -> bool {
    matches!(phase, Phase::Completed | Phase::Failed | Phase::Cancelled)
}

/// JSON of the engine, as it is; None where nothing is there yet.
fn json(bytes: &[u8]) -> Result<Option<Box<RawValue>>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(bytes).map(Some).map_err(|_| Error::incomplete("a document that is JSON"))
}
