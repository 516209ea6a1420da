//! How is it written what is taken off a price?

use crate::{
    api::{page::some, time},
    error::Result,
};
use chrono::{DateTime, Utc};
use proto::{Reason, billing::Discount};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A coupon that was redeemed, as it was agreed on. One of `percent_off` and `amount_off`.
#[derive(Serialize, ToSchema)]
#[schema(as = Discount)]
pub(crate) struct DiscountBody {
    #[schema(example = "launch")]
    coupon_id: String,
    coupon_version: i32,
    /// What people read, by language.
    titles: BTreeMap<String, String>,
    /// With what it was redeemed.
    promotion_code: Option<String>,
    #[schema(example = "12.5")]
    percent_off: Option<String>,
    /// In the smallest unit of its currency, of each period.
    amount_off: Option<i64>,
    currency: Option<String>,
    /// `once`, `repeating` or `forever`.
    duration: String,
    /// Of `repeating`.
    duration_in_months: Option<i32>,
    /// Plans that it is for; none: all.
    plans: Vec<String>,
    /// When the first period that it took something off began.
    started_at: Option<DateTime<Utc>>,
    /// Periods that begin then or later have it no more.
    ends_at: Option<DateTime<Utc>>,
    /// What it has taken off of the present period, or of the rest of it since the last change.
    period_amount: i64,
}

impl From<Discount> for DiscountBody {
    fn from(discount: Discount) -> Self {
        Self {
            coupon_id: discount.coupon_id,
            coupon_version: discount.coupon_version,
            titles: discount.titles,
            promotion_code: some(discount.promotion_code),
            percent_off: some(discount.percent_off),
            amount_off: Some(discount.amount_off).filter(|amount| *amount > 0),
            currency: some(discount.currency),
            duration: discount.duration,
            duration_in_months: Some(discount.duration_in_months).filter(|months| *months > 0),
            plans: discount.plans,
            started_at: time::maybe(discount.started_at),
            ends_at: time::maybe(discount.ends_at),
            period_amount: discount.period_amount,
        }
    }
}

/// A number as services take it, where 0 stands for what is left out: nobody means that who writes 0.
pub(crate) fn above_zero(field: &'static str, given: Option<i64>) -> Result<i64> {
    match given {
        Some(number) if number < 1 => {
            let failure = Reason::RefusedValue.with(format!("{field} must be above 0"));
            Err(failure.field(field, "must be above 0").into())
        }
        given => Ok(given.unwrap_or_default()),
    }
}
