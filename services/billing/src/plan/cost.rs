//! What does a plan cost, and does it cost more than another?

use crate::{Error, error::refused, money::Interval};
use proto::billing::{Plan, Price};

/// The price of a plan; None where none was set for this currency and interval.
pub(crate) fn price<'a>(plan: &'a Plan, currency: &str, interval: Interval) -> Option<&'a Price> {
    plan.prices.iter().find(|price| price.currency == currency && price.interval == interval.as_str())
}

/// The price that somebody may choose by themselves. Errors: [`Error::Refused`] says which there are.
pub(crate) fn offered<'a>(plan: &'a Plan, currency: &str, interval: Interval) -> Result<&'a Price, Error> {
    if plan.prices.is_empty() {
        return Err(refused("plan", "is agreed on with whoever runs this installation: ask them"));
    }
    price(plan, currency, interval).ok_or_else(|| {
        let has: Vec<_> =
            plan.prices.iter().map(|price| format!("{} per {}", price.currency, price.interval)).collect();
        let asked = format!("{currency} per {}", interval.as_str());
        refused("plan", format!("has no price in {asked}, only in {}", has.join(", ")))
    })
}

/// An amount of one interval as that of another: what is compared is a year.
pub(crate) fn yearly(amount: i64, interval: Interval) -> i64 {
    amount.saturating_mul(i64::from(12 / interval.months()))
}

/// The order in which plans are shown: what costs nothing first, what has no price last.
pub(super) fn rank(plan: &Plan) -> i64 {
    let yearly = |price: &Price| yearly(price.unit_amount, Interval::parse(&price.interval).unwrap_or(Interval::Month));
    plan.prices.iter().map(yearly).min().unwrap_or(i64::MAX)
}
