//! How limits and budgets are written: for a workspace, each of its members, a model or a key, always alike.

use crate::json::Object;
use proto::limits::{Budget, Budgets, Limits, Period};
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
        let Limits { rpm, tpm, concurrency, tokens_per_day, tokens_per_month, budgets, soft, stop_streams_when_spent } =
            limits;
        let budgets = budgets.into_iter().filter_map(budget_body).map(Object).collect();
        Self { rpm, tpm, concurrency, tokens_per_day, tokens_per_month, budgets, soft, stop_streams_when_spent }
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
        } = body;
        let budgets = budgets.into_iter().map(Budget::from).collect();
        Self { rpm, tpm, concurrency, tokens_per_day, tokens_per_month, budgets, soft, stop_streams_when_spent }
    }
}

impl From<Object<BudgetBody>> for Budget {
    fn from(Object(BudgetBody { amount_micros, period, soft }): Object<BudgetBody>) -> Self {
        let period = match period {
            PeriodBody::Day => Period::Day,
            PeriodBody::Month => Period::Month,
            PeriodBody::Total => Period::Total,
        };
        Self { amount_micros, period: period.into(), soft }
    }
}

/// None where the period is one that this release does not know.
fn budget_body(budget: Budget) -> Option<BudgetBody> {
    let period = match budget.period() {
        Period::Day => PeriodBody::Day,
        Period::Month => PeriodBody::Month,
        Period::Total => PeriodBody::Total,
        Period::Unspecified => return None,
    };
    Some(BudgetBody { amount_micros: budget.amount_micros, period, soft: budget.soft })
}
