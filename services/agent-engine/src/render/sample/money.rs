//! What happens to the money?

use crate::domain::finance::{Input, Month, Scenario, Scenarios, Sensitivity};

/// So many months; with the best and the worst course, or without.
pub(super) fn scenarios(months: u32, is_deep: bool) -> Scenarios {
    let input = |key: &str, value, source: &str| Input { key: key.to_owned(), value, source: source.to_owned() };
    let depends = |key: &str, low, high| Sensitivity { key: key.to_owned(), low, high };
    Scenarios {
        inputs: vec![
            input("revenue", 187_000.0, "fact"),
            input("churn", 4.8, "agreed"),
            input("gross_margin", 71.5, "assumed"),
            input("discount_rate", 14.0, "default"),
        ],
        base: scenario(months, 1.021, 24_000.0),
        optimistic: is_deep.then(|| scenario(months, 1.034, 19_000.0)),
        pessimistic: is_deep.then(|| scenario(months, 0.994, 31_000.0)),
        unchanged: scenario(months, 0.982, 0.0),
        sensitivity: if is_deep {
            vec![
                depends("gross_margin", -412_300.0, 412_300.0),
                depends("churn", 96_120.5, -92_480.0),
                depends("fixed_costs", 310_410.0, -310_410.0),
            ]
        } else {
            vec![]
        },
    }
}

fn scenario(months: u32, growth: f64, investment: f64) -> Scenario {
    let (mut revenue, mut cash, mut all) = (187_000.0, 420_000.0, vec![]);
    for month in 1..=months {
        revenue = cents(revenue * growth);
        let variable_costs = cents(revenue * 0.285);
        let investment = if month <= 2 { investment } else { 0.0 };
        let net = cents(revenue - variable_costs - 150_450.75 - investment);
        cash = cents(cash + net);
        all.push(Month { month, revenue, variable_costs, fixed_costs: 150_450.75, investment, net, cash });
    }
    Scenario {
        total_net: cents(all.iter().map(|month| month.net).sum()),
        end_cash: Some(cash),
        cash_out_month: all.iter().find(|month| month.cash <= 0.0).map(|month| month.month),
        runway_months: all.last().filter(|month| month.net < 0.0).map(|month| cents(month.cash.max(0.0) / -month.net)),
        payback_month: (growth > 1.0).then_some(7),
        npv: if growth > 1.0 { 184_300.4 } else { -21_500.0 },
        months: all,
    }
}

/// Numbers that are read from JSON as they were written.
fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The same number everywhere.
pub(super) fn poison(scenarios: &mut Scenarios, number: f64) {
    let base = &mut scenarios.base;
    for (n, month) in base.months.iter_mut().enumerate() {
        month.cash = if n % 2 == 0 { number } else { -number };
        (month.net, month.revenue, month.month) = (number, number, u32::MAX);
    }
    (base.total_net, base.end_cash, base.runway_months, base.npv) = (number, Some(number), Some(number), number);
    scenarios.unchanged.months.truncate(1);
    for one in &mut scenarios.sensitivity {
        (one.low, one.high) = (number, -number);
    }
    for input in &mut scenarios.inputs {
        input.value = number;
    }
}
