//! How limits and budgets are written: for a workspace, each of its members, a model or a key, always alike.

use crate::json::Object;
use proto::limits::{Budget, Budgets, Limits, Period, ResourceLimit};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

/// What may be used at most; null is unlimited. Days and months are those of the workspace's time zone.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
#[schema(as = Limits, example = json!({"rpm": 600, "tpm": null, "concurrency": 10, "tokens_per_day": 2_000_000}))]
pub(crate) struct LimitsBody {
    /// Requests per minute.
    rpm: Option<i64>,
    /// Tokens per minute, input and output together.
    tpm: Option<i64>,
    /// Requests under way at once.
    concurrency: Option<i64>,
    /// Tokens per day, input and output together.
    tokens_per_day: Option<i64>,
    /// Tokens per month, input and output together.
    tokens_per_month: Option<i64>,
    /// Money that may be spent: at most one budget for each period.
    #[schema(value_type = Vec<BudgetBody>)]
    budgets: Vec<Object<BudgetBody>>,
    /// Reaching any of these warns and refuses nothing.
    soft: bool,
    /// A stream ends when a budget or a quota of these is spent. Otherwise a request that was admitted runs to its end.
    stop_streams_when_spent: bool,
    /// Of a workspace only: how much may be used of resources that are recorded as events.
    #[schema(value_type = Vec<ResourceLimitBody>)]
    resources: Vec<Object<ResourceLimitBody>>,
}

/// How much of a resource may be used in a period, at most one limit for each resource and period. Events that do not fit
/// are refused.
#[derive(Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ResourceLimit, example = json!({"resource": "tickets", "quantity": 500, "period": "month"}))]
pub(crate) struct ResourceLimitBody {
    /// Lower-case letters, digits, `.`, `_` and `-`.
    resource: String,
    /// At least 0.
    quantity: i64,
    period: PeriodBody,
    /// Reaching it warns and refuses nothing.
    #[serde(default)]
    soft: bool,
}

/// Money that may be spent in a period, in the workspace's currency. While it applies, models without a known price
/// are refused.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Budget, example = json!({"amount_micros": 25_000_000, "period": "month"}))]
pub(crate) struct BudgetBody {
    /// In micro-units: 25000000 is 25.00.
    amount_micros: i64,
    period: PeriodBody,
    /// Reaching it warns and refuses nothing.
    #[serde(default)]
    soft: bool,
}

/// `day` and `month` are those of the calendar; `total` never begins again.
#[derive(Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = BudgetPeriod)]
enum PeriodBody {
    Day,
    Month,
    Total,
}

/// The field `budget`: one budget that takes the place of all others, or null for none at all.
pub(crate) fn one_or_none<'de, D>(deserializer: D) -> Result<Option<Budgets>, D::Error>
where
    D: Deserializer<'de>,
{
    let budget = Option::<Object<BudgetBody>>::deserialize(deserializer)?;
    Ok(Some(Budgets { budgets: budget.into_iter().map(Budget::from).collect() }))
}

/// What the field `budget` shows: the budget, if there is exactly one.
pub(crate) fn the_only(limits: &Limits) -> Option<BudgetBody> {
    match limits.budgets.as_slice() {
        [budget] => budget_body(*budget),
        _ => None,
    }
}

impl From<Limits> for LimitsBody {
    fn from(limits: Limits) -> Self {
        let Limits {
            rpm,
            tpm,
            concurrency,
            tokens_per_day,
            tokens_per_month,
            budgets,
            soft,
            stop_streams_when_spent,
            resources,
        } = limits;
        let budgets = budgets.into_iter().filter_map(budget_body).map(Object).collect();
        let resources = resources.into_iter().filter_map(resource_body).map(Object).collect();
        Self {
            rpm,
            tpm,
            concurrency,
            tokens_per_day,
            tokens_per_month,
            budgets,
            soft,
            stop_streams_when_spent,
            resources,
        }
    }
}

impl From<LimitsBody> for Limits {
    fn from(body: LimitsBody) -> Self {
        let LimitsBody {
            rpm,
            tpm,
            concurrency,
            tokens_per_day,
            tokens_per_month,
            budgets,
            soft,
            stop_streams_when_spent,
            resources,
        } = body;
        let budgets = budgets.into_iter().map(Budget::from).collect();
        let resources = resources.into_iter().map(ResourceLimit::from).collect();
        Self {
            rpm,
            tpm,
            concurrency,
            tokens_per_day,
            tokens_per_month,
            budgets,
            soft,
            stop_streams_when_spent,
            resources,
        }
    }
}

impl From<Object<BudgetBody>> for Budget {
    fn from(Object(BudgetBody { amount_micros, period, soft }): Object<BudgetBody>) -> Self {
        Self { amount_micros, period: Period::from(period).into(), soft }
    }
}

impl From<Object<ResourceLimitBody>> for ResourceLimit {
    fn from(Object(ResourceLimitBody { resource, quantity, period, soft }): Object<ResourceLimitBody>) -> Self {
        Self { resource, quantity, period: Period::from(period).into(), soft }
    }
}

impl From<PeriodBody> for Period {
    fn from(period: PeriodBody) -> Self {
        match period {
            PeriodBody::Day => Self::Day,
            PeriodBody::Month => Self::Month,
            PeriodBody::Total => Self::Total,
        }
    }
}

/// None where the period is one that this release does not know.
fn budget_body(budget: Budget) -> Option<BudgetBody> {
    Some(BudgetBody { amount_micros: budget.amount_micros, period: period_body(budget.period())?, soft: budget.soft })
}

/// As of a budget.
fn resource_body(limit: ResourceLimit) -> Option<ResourceLimitBody> {
    let period = period_body(limit.period())?;
    let ResourceLimit { resource, quantity, soft, .. } = limit;
    Some(ResourceLimitBody { resource, quantity, period, soft })
}

const fn period_body(period: Period) -> Option<PeriodBody> {
    match period {
        Period::Day => Some(PeriodBody::Day),
        Period::Month => Some(PeriodBody::Month),
        Period::Total => Some(PeriodBody::Total),
        Period::Unspecified => None,
    }
}
