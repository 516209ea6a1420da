//! Usage of a workspace.

use super::time;
use crate::{app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::{
    Call, Permission,
    usage::{GetUsageByProviderRequest, GetUsageRequest, ProviderUsage},
    workspace::GetWorkspaceRequest,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which time to sum up.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Period {
    /// Not before this time. Default: the start of this calendar month, UTC.
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Before this time. Default: now.
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
}

/// Totals of a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct Usage {
    total_requests: i64,
    total_input_tokens: i64,
    total_output_tokens: i64,
    /// Millionths of `currency`, of what is priced.
    total_cost_micros: i64,
    /// Requests whose price is not known: their tokens are summed up, their cost is not.
    unpriced_requests: i64,
    #[schema(example = "USD")]
    currency: String,
    period: PeriodBody,
}

/// From when until when.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
struct PeriodBody {
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
}

/// Usage by provider.
#[derive(Serialize, ToSchema)]
pub(crate) struct UsageByProvider {
    data: Vec<ProviderUsageBody>,
}

/// Usage of one provider.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderUsage)]
struct ProviderUsageBody {
    /// Its name.
    provider: String,
    requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    /// Null where nothing of it is priced.
    cost_micros: Option<i64>,
}

/// Sum up the usage of a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "The totals", body = Usage)))]
pub(crate) async fn get_usage(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<Usage>> {
    let (from, to) = period.to_proto();
    let sums = app.services.usage.get_usage(&call, GetUsageRequest { from, to }).await?;
    Ok(Json(Usage {
        total_requests: sums.total_requests,
        total_input_tokens: sums.total_input_tokens,
        total_output_tokens: sums.total_output_tokens,
        total_cost_micros: sums.total_cost_micros,
        unpriced_requests: sums.unpriced_requests,
        currency: if sums.currency.is_empty() { currency(&app, &call).await? } else { sums.currency },
        period: PeriodBody { from: time::always(sums.from)?, to: time::always(sums.to)? },
    }))
}

/// The currency of a workspace that has used nothing in the period: its rows would have said it.
async fn currency(app: &Shared, call: &Call) -> Result<String> {
    // Who may read usage may know what it is counted in, also with a key that may not read settings.
    let call = Call { scopes: call.scopes.with(Permission::WorkspaceRead), ..call.clone() };
    let answer = app.services.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await?;
    Ok(answer.workspace.map(|workspace| workspace.currency).unwrap_or_default())
}

/// Sum up the usage of a workspace by provider.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/by-provider", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each provider that was called", body = UsageByProvider)))]
pub(crate) async fn get_usage_by_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UsageByProvider>> {
    let (from, to) = period.to_proto();
    let sums = app.services.usage.get_usage_by_provider(&call, GetUsageByProviderRequest { from, to }).await?;
    Ok(Json(UsageByProvider { data: sums.providers.into_iter().map(ProviderUsageBody::from).collect() }))
}

impl Period {
    fn to_proto(&self) -> (Option<prost_types::Timestamp>, Option<prost_types::Timestamp>) {
        (self.from.map(time::Instant::to_proto), self.to.map(time::Instant::to_proto))
    }
}

impl From<ProviderUsage> for ProviderUsageBody {
    fn from(usage: ProviderUsage) -> Self {
        let ProviderUsage { provider, requests, input_tokens, output_tokens, cost_micros } = usage;
        Self { provider, requests, input_tokens, output_tokens, cost_micros }
    }
}
