//! Limits in force, and where they stand.

pub(crate) mod body;

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    Call,
    gateway::{GetLimitsRequest, Limit},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A limit in force, and where it stands.
#[derive(Serialize, ToSchema)]
#[schema(as = Limit)]
pub(crate) struct LimitBody {
    /// What set it: `workspace` or `api_key`.
    layer: String,
    /// `requests_per_minute`, `tokens_per_minute` or `concurrent_requests`.
    kind: String,
    limit: i64,
    used: i64,
    remaining: i64,
    /// When all of it is available again.
    resets_at: DateTime<Utc>,
}

/// Every limit in force.
#[derive(Serialize, ToSchema)]
pub(crate) struct LimitList {
    data: Vec<LimitBody>,
}

/// List every limit in force for the caller in a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/limits", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The limits; none where nothing is limited", body = LimitList)))]
pub(crate) async fn list_limits(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<LimitList>> {
    read(&app, &call).await.map(Json)
}

/// The limits of a caller.
pub(crate) async fn read(app: &Shared, call: &Call) -> Result<LimitList> {
    let found = app.services.gateway.get_limits(call, GetLimitsRequest {}).await?;
    let now = app.services.clock.now();
    Ok(LimitList { data: found.limits.into_iter().map(|limit| LimitBody::new(limit, now)).collect() })
}

impl LimitBody {
    fn new(limit: Limit, now: DateTime<Utc>) -> Self {
        let reset = TimeDelta::try_milliseconds(limit.reset_ms).unwrap_or_default();
        Self {
            layer: limit.layer,
            kind: limit.kind,
            limit: limit.limit,
            used: limit.used,
            remaining: limit.remaining,
            resets_at: now.checked_add_signed(reset).unwrap_or(now),
        }
    }
}
