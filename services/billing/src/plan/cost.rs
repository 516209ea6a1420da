//! What does a plan cost, and does it cost more than another?

use crate::{Error, error::refused, money::Interval};
use proto::billing::{Plan, Price};
use std::collections::{BTreeMap, BTreeSet};

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

/// Puts plans in the order in which they are shown: what costs nothing first, what has no price last. Prices are compared in
/// the currency that most plans have: those of two currencies say nothing of each other.
pub(super) fn sort(plans: &mut [Plan]) {
    let mut counts = BTreeMap::<&str, usize>::new();
    for plan in plans.iter() {
        let currencies: BTreeSet<&str> = plan.prices.iter().map(|price| price.currency.as_str()).collect();
        currencies.into_iter().for_each(|currency| *counts.entry(currency).or_default() += 1);
    }
    let most = counts.into_iter().rev().max_by_key(|(_, plans)| *plans).map(|(currency, _)| currency.to_owned());
    let currency = most.unwrap_or_default();
    let rank = |plan: &Plan| {
        let of_a_year = |price: &Price| Some(yearly(price.unit_amount, Interval::parse(&price.interval)?));
        let comparable = plan.prices.iter().filter(|price| price.currency == currency).filter_map(of_a_year).min();
        (plan.prices.is_empty(), comparable.is_none(), comparable)
    };
    plans.sort_by_cached_key(|plan| (rank(plan), plan.name.clone()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plans_are_shown_by_what_they_cost_in_one_currency() {
        let price = |currency: &str, interval: &str, unit_amount| Price {
            currency: currency.into(),
            interval: interval.into(),
            unit_amount,
        };
        let plan = |name: &str, prices| Plan { name: name.into(), prices, ..Plan::default() };
        let mut plans = [
            plan("enterprise", vec![]),
            plan("abroad", vec![price("EUR", "month", 1)]),
            plan("pro", vec![price("BRL", "month", 89_700), price("USD", "month", 9_900)]),
            plan("basic", vec![price("BRL", "year", 297_000)]),
            plan("free", vec![price("BRL", "month", 0), price("USD", "month", 0)]),
        ];
        sort(&mut plans);
        assert_eq!(plans.map(|plan| plan.name), ["free", "basic", "pro", "abroad", "enterprise"]);
    }
}
