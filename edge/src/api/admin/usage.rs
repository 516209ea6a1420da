//! What all workspaces used, as operators see it.

use super::super::time;
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    query::Query,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::usage::{SummarizeUsageRequest, SummarizeUsageResponse, SummaryDimension, SummaryGroup};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Which totals.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// Requests that arrived not before this time, a whole hour. Default: the start of the calendar month of `to`, UTC.
    #[param(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Requests that arrived before this time, a whole hour. Default: the end of this hour.
    #[param(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
    /// What they are split by. Default: workspace.
    #[param(inline)]
    group_by: Option<Grouping>,
}

/// What totals are split by. Days are those of UTC.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = SummaryGrouping)]
enum Grouping {
    #[default]
    Workspace,
    Plan,
    Provider,
    Day,
}

/// Totals of all workspaces.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSummary)]
pub(crate) struct SummaryBody {
    /// In the order of their values.
    data: Vec<GroupBody>,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
}

/// What one group used.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSummaryGroup)]
pub(crate) struct GroupBody {
    /// `ws_…`, the name of the plan or provider, or the date.
    value: String,
    /// Each counts where its first call to a provider went.
    requests: i64,
    /// Calls to providers.
    attempts: i64,
    /// Of them, those that did not complete.
    failed_requests: i64,
    /// Of them, those whose price is not known.
    unpriced_requests: i64,
    /// All input, cached included.
    input_tokens: i64,
    /// All output, reasoning included.
    output_tokens: i64,
    /// One for each currency.
    costs: Vec<CostBody>,
}

/// An amount in a currency.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSummaryCost)]
pub(crate) struct CostBody {
    #[schema(example = "USD")]
    currency: String,
    /// Millionths of it.
    cost_micros: i64,
    /// By the catalogue of prices, without what workspaces agreed on and markups.
    list_cost_micros: i64,
}

/// Sum up the usage of all workspaces. For operators.
#[utoipa::path(get, path = "/admin/usage", tag = "Operators", params(Which),
    responses((status = 200, description = "The totals", body = SummaryBody),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn summarize_usage(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<Which>,
) -> Result<Json<SummaryBody>> {
    let by = match which.group_by.unwrap_or_default() {
        Grouping::Workspace => SummaryDimension::Workspace,
        Grouping::Plan => SummaryDimension::Plan,
        Grouping::Provider => SummaryDimension::Provider,
        Grouping::Day => SummaryDimension::Day,
    };
    let request = SummarizeUsageRequest {
        from: which.from.map(time::Instant::to_proto),
        to: which.to.map(time::Instant::to_proto),
        by: by.into(),
    };
    SummaryBody::try_from(app.services.usage.summarize_usage(&call, request).await?).map(Json)
}

impl TryFrom<SummarizeUsageResponse> for SummaryBody {
    type Error = Error;

    fn try_from(answer: SummarizeUsageResponse) -> Result<Self> {
        Ok(Self {
            data: answer.groups.into_iter().map(GroupBody::from).collect(),
            from: time::always(answer.from)?,
            to: time::always(answer.to)?,
        })
    }
}

impl From<SummaryGroup> for GroupBody {
    fn from(group: SummaryGroup) -> Self {
        let sums = group.sums.unwrap_or_default();
        let costs = group.costs.into_iter().map(|cost| CostBody {
            currency: cost.currency,
            cost_micros: cost.cost_micros,
            list_cost_micros: cost.list_cost_micros,
        });
        Self {
            value: group.value,
            requests: sums.requests,
            attempts: sums.attempts,
            failed_requests: sums.failed_attempts,
            unpriced_requests: sums.unpriced_attempts,
            input_tokens: sums.input_tokens,
            output_tokens: sums.output_tokens,
            costs: costs.collect(),
        }
    }
}
