//! How much did a workspace use altogether?

use super::{
    Period, Settings,
    body::{CostBody, PeriodBody, TokensBody},
};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use proto::usage::{GetUsageRequest, UsageSums};
use serde::Serialize;
use utoipa::ToSchema;

/// Totals of a period.
#[derive(Serialize, ToSchema)]
pub(crate) struct Usage {
    total_requests: i64,
    /// Calls to providers: requests that fall back have several.
    total_attempts: i64,
    /// Of them, those that did not complete.
    failed_requests: i64,
    /// Of them, those whose price is not known: their tokens are summed up, their cost is not.
    unpriced_requests: i64,
    /// All input, cached included.
    total_input_tokens: i64,
    /// All output, reasoning included.
    total_output_tokens: i64,
    tokens: TokensBody,
    /// Millionths of `currency`, of what is priced in it.
    total_cost_micros: i64,
    /// In which most was priced; without use the workspace's.
    #[schema(example = "USD")]
    currency: String,
    /// What was priced in other currencies.
    other_costs: Vec<CostBody>,
    platform: ByPlatform,
    period: PeriodBody,
}

/// The part of the totals that was called with credentials of the platform, which charges for it by plan. All else was called
/// with the workspace's own, for which nothing is charged, or is free.
#[derive(Serialize, ToSchema)]
pub(crate) struct ByPlatform {
    requests: i64,
    /// Calls whose price is not known: their tokens are summed up, their cost is not.
    unpriced_requests: i64,
    /// All input, cached included.
    input_tokens: i64,
    /// All output, reasoning included.
    output_tokens: i64,
    /// Millionths of `currency`, of what is priced in it.
    cost_micros: i64,
    /// What was priced in other currencies.
    other_costs: Vec<CostBody>,
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
    let answer = app.services.usage.get_usage(&call, GetUsageRequest { from, to }).await?;
    let sums = answer.sums.unwrap_or_default();
    Ok(Json(Usage {
        total_requests: sums.requests,
        total_attempts: sums.attempts,
        failed_requests: sums.failed_attempts,
        unpriced_requests: sums.unpriced_attempts,
        total_input_tokens: sums.input_tokens,
        total_output_tokens: sums.output_tokens,
        tokens: sums.tokens.unwrap_or_default().into(),
        total_cost_micros: sums.cost_micros.unwrap_or(0),
        currency: Settings::currency(&app, &call, answer.currency).await?,
        other_costs: sums.other_costs.into_iter().map(CostBody::from).collect(),
        platform: answer.platform.unwrap_or_default().into(),
        period: PeriodBody::new(answer.from, answer.to)?,
    }))
}

impl From<UsageSums> for ByPlatform {
    fn from(sums: UsageSums) -> Self {
        Self {
            requests: sums.requests,
            unpriced_requests: sums.unpriced_attempts,
            input_tokens: sums.input_tokens,
            output_tokens: sums.output_tokens,
            cost_micros: sums.cost_micros.unwrap_or(0),
            other_costs: sums.other_costs.into_iter().map(CostBody::from).collect(),
        }
    }
}
