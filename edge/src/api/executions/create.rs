//! `POST /executions`.

use super::{allowed, begin::Beginning, body::Begun, language::Language, new::NewExecution, require};
use crate::{api::repeat, app::Shared, auth::Caller, error::Result, json::Json};
use axum::{extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode, header};
use proto::{Call, Permission, id::ExecutionId};
use sha2::{Digest as _, Sha256};
use tonic::Status;

/// Begin an execution: several agents look at a business problem, argue about what they disagree on, and decide.
///
/// It goes on in the background. Follow it with `GET …/events`, or ask `GET …/executions/{execution_id}` until its `status` is
/// `completed`; the report is in `results`, and `POST …/export` makes files of it. Models are called through the gateway, with
/// the workspace's providers, routing, limits and budgets, on behalf of whoever begins it. How many executions a plan allows is
/// counted when they end: one that nothing came of does not count.
#[utoipa::path(post, path = "/executions", tag = "Executions", request_body = NewExecution,
    params(("Idempotency-Key" = Option<String>, Header, description = repeat::KEPT),
        ("Accept-Language" = Option<String>, Header, description = "In which language it is written, where `locale` does not say")),
    responses((status = 201, description = "It has begun", body = Begun,
        headers(("Location" = String, description = "The execution"),
            ("idempotent-replayed" = String, description = "`true` where it was begun before by the same request"))),
        (status = 402, description = "The plan allows no more executions now: `error`, `plan`, `executions_used`, \
            `executions_limit` and `upgrade_url`, beside what every limit tells"),
        (status = 409, description = "The Idempotency-Key was used with another request, or its execution was deleted"),
        (status = 429, description = "As many executions run as the plan allows at once; see `Retry-After`")))]
pub(crate) async fn create_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    headers: HeaderMap,
    Json(body): Json<NewExecution>,
) -> Result<impl IntoResponse> {
    require(&call, Permission::ExecutionsWrite)?;
    let wanted = body.read(&headers)?;
    let id = id(&app, &call)?;
    let workspace = allowed::workspace(&app, &call).await?;
    let of_workspace = Language::parse(&workspace.locale).unwrap_or(Language::English);
    let beginning = Beginning {
        app: &app,
        call: &call,
        id,
        language: wanted.language.unwrap_or(of_workspace),
        currency: workspace.currency.clone(),
    };
    let (owned, execution, existed) = if beginning.exists().await? {
        beginning.repeat(wanted).await?
    } else {
        // Boxed: a repeated request needs no room for this.
        Box::pin(async {
            let allowance = allowed::allowance(&app, &call, workspace).await?;
            beginning.begin(wanted, &allowance).await
        })
        .await?
    };
    let begun = Begun::new(owned, execution.as_ref())?;
    let location = format!("/api/v1/executions/{}", begun.execution_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(existed), Json(begun)))
}

/// A new one; under an `Idempotency-Key` always the same one. It says nothing of its parts to who does not know them.
fn id(app: &Shared, call: &Call) -> Result<ExecutionId, Status> {
    let Some(key) = &call.idempotency_key else { return Ok(ExecutionId::from_uuid(app.services.ids.uuid())) };
    let mut hash = Sha256::new();
    for part in [call.workspace()?.to_string().as_str(), &call.actor(), key] {
        // None of the parts holds a NUL.
        hash.update(part);
        hash.update([0]);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Ok(ExecutionId::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid()))
}
