//! What a workspace lets pass to providers and back.

mod body;

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use body::GuardrailsBody;
use proto::workspace::{GetGuardrailsRequest, PutGuardrailsRequest};

/// Get the guardrails of a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/guardrails", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "No rules, if nothing was set", body = GuardrailsBody)))]
pub(crate) async fn get_guardrails(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<GuardrailsBody>> {
    let found = app.services.workspaces.get_guardrails(&call, GetGuardrailsRequest {}).await?;
    Ok(Json(found.guardrails.unwrap_or_default().into()))
}

/// Replace the guardrails of a workspace, as a whole or not at all. They hold for every request that begins a second later.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/guardrails", tag = "Providers", request_body = GuardrailsBody,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "As they are now", body = GuardrailsBody),
        (status = 422, description = "`errors` names everything that is wrong: expressions that cannot be compiled or are \
            too large, names that are given twice, models that nobody serves, …")))]
pub(crate) async fn put_guardrails(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<GuardrailsBody>,
) -> Result<Json<GuardrailsBody>> {
    let request = PutGuardrailsRequest { guardrails: Some(body.into()) };
    let put = app.services.workspaces.put_guardrails(&call, request).await?;
    Ok(Json(put.guardrails.unwrap_or_default().into()))
}
