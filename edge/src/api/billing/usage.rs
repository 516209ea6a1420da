//! How much of what the plan allows is used.

use super::{super::time, entitlement::EntitlementBody};
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::billing::{EntitlementUsage, GetEntitlementUsageRequest, GetEntitlementUsageResponse};
use serde::Serialize;
use utoipa::ToSchema;

/// What the plan allows, and what is used of it.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanUsage)]
pub(crate) struct PlanUsageBody {
    /// What is in force.
    #[schema(example = "free")]
    plan: String,
    /// Of the subscription; `active` for who never had one.
    status: String,
    current_period_start: Option<DateTime<Utc>>,
    current_period_end: Option<DateTime<Utc>>,
    entitlements: Vec<EntitlementUsageBody>,
}

/// One entry of the table.
#[derive(Serialize, ToSchema)]
#[schema(as = EntitlementUsage)]
struct EntitlementUsageBody {
    #[schema(example = "tickets_per_month")]
    key: String,
    limit: Option<EntitlementBody>,
    /// Of a limit that is counted: in its own day or month of the workspace's time zone, or ever. Null for all others.
    used: Option<i64>,
    remaining: Option<i64>,
    /// When all of it is available again.
    resets_at: Option<DateTime<Utc>>,
}

/// Get what the plan of the workspace allows, and how much of it is used.
#[utoipa::path(get, path = "/billing/usage", tag = "Billing",
    responses((status = 200, description = "What is allowed and used, by key", body = PlanUsageBody)))]
pub(crate) async fn get_entitlement_usage(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<PlanUsageBody>> {
    let found = app.services.billing.get_entitlement_usage(&call, GetEntitlementUsageRequest {}).await?;
    Ok(Json(found.into()))
}

impl From<GetEntitlementUsageResponse> for PlanUsageBody {
    fn from(found: GetEntitlementUsageResponse) -> Self {
        Self {
            plan: found.plan,
            status: found.status,
            current_period_start: time::maybe(found.current_period_start),
            current_period_end: time::maybe(found.current_period_end),
            entitlements: found.entitlements.into_iter().map(EntitlementUsageBody::from).collect(),
        }
    }
}

impl From<EntitlementUsage> for EntitlementUsageBody {
    fn from(one: EntitlementUsage) -> Self {
        let EntitlementUsage { key, entitlement, used, remaining, resets_at } = one;
        let limit = entitlement.map(EntitlementBody::from);
        Self { key, limit, used, remaining, resets_at: time::maybe(resets_at) }
    }
}
