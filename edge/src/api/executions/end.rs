//! How does an execution end before its time, and how is it erased?

use super::{body::ExecutionDetail, detail, find, for_engine, is_terminal, look_up, settle};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, path::Target};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::StatusCode;
use proto::{
    Call, Permission, Reason,
    engine::{CancelExecutionRequest, DeleteExecutionRequest, Execution},
    id::ExecutionId,
    workspace,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What becomes of an execution that is deleted while it runs.
#[derive(Serialize, ToSchema)]
pub(crate) struct Leaving {
    /// Always `cancelling`.
    status: &'static str,
}

/// Cancel an execution. No model is called for it from now on; its `phase` is `cancelled` once all that was under way has ended.
/// One that has ended stays as it is. It counts if anything had come of it.
#[utoipa::path(post, path = "/executions/{execution_id}/cancel", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "It has ended", body = ExecutionDetail),
        (status = 202, description = "It will have ended soon", body = ExecutionDetail)))]
pub(crate) async fn cancel_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Response> {
    let owned = find(&app, &call, id, Permission::ExecutionsWrite).await?;
    let request = CancelExecutionRequest { execution_id: id.to_string() };
    let execution = app.services.engine.cancel_execution(&for_engine(&call), request).await?.execution;
    let has_ended = execution.as_ref().is_some_and(|execution| is_terminal(execution.phase()));
    let shown = detail(&app, &call, owned, execution).await?;
    let status = if has_ended { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((status, Json(shown)).into_response())
}

/// Delete an execution with all that came out of it. One that runs is cancelled first: it is gone from lists at once, and erased
/// as soon as all that was under way has ended.
#[utoipa::path(delete, path = "/executions/{execution_id}", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 204, description = "It is gone"),
        (status = 202, description = "It is cancelled, and goes as soon as it has stopped", body = Leaving)))]
pub(crate) async fn delete_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
) -> Result<Response> {
    let owned = find(&app, &call, id, Permission::ExecutionsWrite).await?;
    let execution = stopped(&app, &call, id).await?;
    if owned.closed_at.is_none() {
        // Afterwards nobody knows any more whether it counts.
        let end = execution.as_ref().map_or(settle::NEVER_BEGAN, settle::so_far);
        settle::close(&app.services, &owned, &end).await?;
    }
    let is_erased = erase(&app, &call, id).await?;
    let request = workspace::DeleteExecutionRequest { execution_id: id.to_string() };
    app.services.workspaces.delete_execution(&call, request).await?;
    if is_erased {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok((StatusCode::ACCEPTED, Json(Leaving { status: "cancelling" })).into_response())
}

/// The execution, which begins nothing more. None where the engine does not know it.
async fn stopped(app: &Shared, call: &Call, id: ExecutionId) -> Result<Option<Execution>> {
    let execution = look_up(app, call, id).await?;
    if execution.as_ref().is_none_or(|execution| is_terminal(execution.phase())) {
        return Ok(execution);
    }
    let request = CancelExecutionRequest { execution_id: id.to_string() };
    Ok(app.services.engine.cancel_execution(&for_engine(call), request).await?.execution)
}

/// Whether the engine has erased it already.
async fn erase(app: &Shared, call: &Call, id: ExecutionId) -> Result<bool> {
    let request = DeleteExecutionRequest { execution_id: id.to_string() };
    match app.services.engine.delete_execution(&for_engine(call), request).await {
        Ok(answer) => Ok(answer.deleted),
        Err(status) if Reason::of(&status) == Reason::NotFound => Ok(true),
        Err(status) => Err(status.into()),
    }
}
