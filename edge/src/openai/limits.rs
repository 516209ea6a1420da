//! `GET /v1/limits`.

use crate::{
    api::limits::{self, LimitList},
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
};
use axum::extract::State;

/// List every limit in force for this caller.
#[utoipa::path(get, path = "/v1/limits", tag = "Models",
    responses((status = 200, description = "The limits; none where nothing is limited", body = LimitList)))]
pub(crate) async fn list_my_limits(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<LimitList>> {
    limits::read(&app, &call).await.map(Json)
}
