//! What sums look like.

use crate::{
    api::{time, units::UnitsBody},
    error::Result,
};
use chrono::{DateTime, Utc};
use proto::usage::{Cost, Tokens, UsageSums};
use serde::Serialize;
use utoipa::ToSchema;

/// What was used.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageSums)]
pub(super) struct SumsBody {
    /// Each counts where its first call to a provider went.
    requests: i64,
    /// Calls to providers: requests that fall back have several.
    attempts: i64,
    /// Of them, those that did not complete.
    failed_requests: i64,
    /// Of them, those whose price is not known: their tokens are summed up, their cost is not.
    unpriced_requests: i64,
    /// All input, cached included.
    input_tokens: i64,
    /// All output, reasoning included.
    output_tokens: i64,
    tokens: TokensBody,
    units: UnitsBody,
    /// Millionths of `currency`. Null where nothing is priced in it.
    cost_micros: Option<i64>,
    /// What was priced in other currencies.
    other_costs: Vec<CostBody>,
}

/// Tokens by what they were: disjoint but for `reasoning`, which is part of `output`.
#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub(super) struct TokensBody {
    /// Not cached.
    input: i64,
    cache_read: i64,
    /// Written to a cache for five minutes.
    cache_write_5m: i64,
    /// Written to a cache for an hour.
    cache_write_1h: i64,
    audio_input: i64,
    image_input: i64,
    output: i64,
    reasoning: i64,
    audio_output: i64,
    image_output: i64,
}

/// An amount in a currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Cost)]
pub(super) struct CostBody {
    #[schema(example = "EUR")]
    currency: String,
    /// Millionths of it.
    cost_micros: i64,
}

/// From when until when.
#[derive(Serialize, ToSchema)]
#[schema(as = Period)]
pub(in crate::api) struct PeriodBody {
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
}

impl PeriodBody {
    pub(in crate::api) fn new(
        from: Option<prost_types::Timestamp>,
        to: Option<prost_types::Timestamp>,
    ) -> Result<Self> {
        Ok(Self { from: time::always(from)?, to: time::always(to)? })
    }
}

impl From<UsageSums> for SumsBody {
    fn from(sums: UsageSums) -> Self {
        Self {
            requests: sums.requests,
            attempts: sums.attempts,
            failed_requests: sums.failed_attempts,
            unpriced_requests: sums.unpriced_attempts,
            input_tokens: sums.input_tokens,
            output_tokens: sums.output_tokens,
            tokens: sums.tokens.unwrap_or_default().into(),
            units: sums.units.into(),
            cost_micros: sums.cost_micros,
            other_costs: sums.other_costs.into_iter().map(CostBody::from).collect(),
        }
    }
}

impl From<Tokens> for TokensBody {
    fn from(tokens: Tokens) -> Self {
        Self {
            input: tokens.input,
            cache_read: tokens.cache_read,
            cache_write_5m: tokens.cache_write_5m,
            cache_write_1h: tokens.cache_write_1h,
            audio_input: tokens.audio_input,
            image_input: tokens.image_input,
            output: tokens.output,
            reasoning: tokens.reasoning,
            audio_output: tokens.audio_output,
            image_output: tokens.image_output,
        }
    }
}

impl From<Cost> for CostBody {
    fn from(cost: Cost) -> Self {
        Self { currency: cost.currency, cost_micros: cost.cost_micros }
    }
}
