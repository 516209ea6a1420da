//! Limits in force, and where they stand.

pub(crate) mod body;

use super::{page::some, time};
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
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
    /// What set it: `workspace`, `team`, `api_key`, `user`, `model`, `plan`, `address` or `platform`.
    layer: String,
    /// Id of the workspace, team, key or user, name of the model or plan, or the address. Null for the platform.
    id: Option<String>,
    /// `requests_per_minute`, `tokens_per_minute`, `concurrent_requests`, `quota` (so much of a resource in a period) or
    /// `budget` (money in a period).
    kind: String,
    /// What is counted: of quotas `tokens` or another resource, of budgets `cost`. Null for the other kinds.
    resource: Option<String>,
    /// `day`, `month` or `total`, in the workspace's time zone. Null for the other kinds.
    period: Option<String>,
    /// Of a budget in micro-units, like `used` and `remaining`.
    limit: i64,
    used: i64,
    remaining: i64,
    /// When all of it is available again. Null for what never is.
    resets_at: Option<DateTime<Utc>>,
    /// It warns and refuses nothing.
    soft: bool,
    /// ISO 4217. Null for what is no budget.
    currency: Option<String>,
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
    Ok(LimitList { data: found.limits.into_iter().map(LimitBody::from).collect() })
}

impl From<Limit> for LimitBody {
    fn from(limit: Limit) -> Self {
        Self {
            layer: limit.layer,
            id: some(limit.id),
            kind: limit.kind,
            resource: some(limit.resource),
            period: some(limit.period),
            limit: limit.limit,
            used: limit.used,
            remaining: limit.remaining,
            resets_at: time::maybe(limit.resets_at),
            soft: limit.soft,
            currency: some(limit.currency),
        }
    }
}
