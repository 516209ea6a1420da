//! What do the months come to?

use super::{course::Flow, start::Start};
use crate::domain::finance::{Month, Scenario};

/// A scenario in whole cents; `idle` is the unchanged course that it is compared with.
pub(super) fn scenario(start: &Start, flows: &[Flow], idle: &[Flow]) -> Scenario {
    let months = months(start, flows);
    let last = months.last();
    let end_cash = start.cash.and(last).map(|month| month.cash);
    let gone = |month: &&Month| start.cash.is_some() && month.cash <= 0.0;
    let burnt = last.map_or(0.0, |month| -month.net);
    // What is earned is what would not have been there without the decision. Borrowed money is not earned.
    let earned: Vec<f64> =
        flows.iter().zip(idle).map(|(flow, idle)| net(flow) - net(idle) - cents(flow.borrowed)).collect();
    Scenario {
        total_net: cents(months.iter().map(|month| month.net).sum()),
        end_cash,
        cash_out_month: months.iter().find(gone).map(|month| month.month),
        runway_months: end_cash.filter(|_| burnt > 0.0).map(|cash| cents(cash.max(0.0) / burnt)),
        payback_month: payback(&earned),
        npv: npv(&earned, start.discount),
        months,
    }
}

fn months(start: &Start, flows: &[Flow]) -> Vec<Month> {
    let mut cash = start.cash.map(cents);
    let month = |(month, flow): (u32, &Flow)| {
        let net = net(flow);
        cash = cash.map(|cash| cents(cash + net));
        Month {
            month,
            revenue: cents(flow.revenue),
            variable_costs: cents(flow.variable),
            fixed_costs: cents(flow.fixed),
            investment: invested(flow),
            net,
            cash: cash.unwrap_or(0.0),
        }
    };
    (1..).zip(flows).map(month).collect()
}

/// What is spent on what was decided, less what it brings once.
fn invested(flow: &Flow) -> f64 {
    cents(flow.cost - flow.once - flow.borrowed)
}

fn net(flow: &Flow) -> f64 {
    cents(cents(flow.revenue) - cents(flow.variable) - cents(flow.fixed) - invested(flow))
}

/// The first month from which on what was earned is never again less than what was spent. None: not within the horizon, or
/// there is nothing to be earned.
fn payback(earned: &[f64]) -> Option<u32> {
    let mut sum = 0.0;
    let sums: Vec<f64> = earned
        .iter()
        .map(|of_month| {
            sum = cents(sum + of_month);
            sum
        })
        .collect();
    if sum <= 0.0 {
        return None;
    }
    let short = sums.iter().rposition(|sum| *sum < 0.0).map_or(0, |at| at + 1);
    let paid = short + sums.iter().skip(short).position(|sum| *sum > 0.0)?;
    u32::try_from(paid + 1).ok()
}

/// Each month at its end, at a twelfth of the rate of a year.
fn npv(earned: &[f64], yearly: f64) -> f64 {
    let of_month = |(month, earned): (i32, &f64)| earned / (1.0 + yearly / 12.0).powi(month);
    cents((1..).zip(earned).map(of_month).sum())
}

/// Whole cents; what is no number is nothing.
pub(super) fn cents(value: f64) -> f64 {
    let rounded = (value * 100.0).round() / 100.0;
    // A sum of nothing is not less than nothing.
    if rounded.is_finite() { rounded + 0.0 } else { 0.0 }
}
