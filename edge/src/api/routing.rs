//! How a workspace routes.

mod body;
pub(super) mod dry_run;

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use body::RoutingBody;
use http::StatusCode;
use proto::workspace::{EraseAnswersRequest, GetRoutingRequest, PutRoutingRequest};

/// Get how a workspace routes: its virtual models, fallbacks, and how attempts are made.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/routing", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "Empty, if nothing was set", body = RoutingBody)))]
pub(crate) async fn get_routing(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<RoutingBody>> {
    let found = app.services.workspaces.get_routing(&call, GetRoutingRequest {}).await?;
    Ok(Json(found.routing.unwrap_or_default().into()))
}

/// Replace how a workspace routes, as a whole or not at all. It holds for every request that begins a second later.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/routing", tag = "Providers", request_body = RoutingBody,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "As it is now", body = RoutingBody),
        (status = 422, description = "`errors` names everything that is wrong: models that nobody serves, providers that \
            are not there, aliases in a circle, weights that are all zero, deadlines out of order, …")))]
pub(crate) async fn put_routing(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<RoutingBody>,
) -> Result<Json<RoutingBody>> {
    let request = PutRoutingRequest { routing: Some(body.into()) };
    let put = app.services.workspaces.put_routing(&call, request).await?;
    Ok(Json(put.routing.unwrap_or_default().into()))
}

/// Forget every answer that was kept to be given again, within a second.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/routing/cache", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 204, description = "They are not given again")))]
pub(crate) async fn erase_answers(State(app): State<Shared>, Caller(call): Caller) -> Result<StatusCode> {
    app.services.workspaces.erase_answers(&call, EraseAnswersRequest {}).await?;
    Ok(StatusCode::NO_CONTENT)
}
