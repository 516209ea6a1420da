use super::{
    sample::{adopted, brief, choice, effect, with},
    scenarios,
};
use crate::finance::worth;
use crate::{
    domain::{
        ballot::{Ballot, Choice, Vote},
        brief::{Constraint, ConstraintKind},
        depth::Depth,
        finance::{Scenario, Scenarios},
        role::Role,
    },
    vote::{count, decide, everything},
};

fn made(facts: &[(&str, f64)], choices: &[Choice]) -> Scenarios {
    scenarios(&brief(facts, 90), &[], choices, &adopted(choices), Depth::Deep).expect("numbers are known")
}

fn revenue(scenario: &Scenario) -> Vec<f64> {
    scenario.months.iter().map(|month| month.revenue).collect()
}

fn nets(scenario: &Scenario) -> Vec<f64> {
    scenario.months.iter().map(|month| month.net).collect()
}

const FLAT: [(&str, f64); 5] =
    [("revenue", 1_000.0), ("gross_margin", 60.0), ("fixed_costs", 700.0), ("cash", 250.0), ("discount_rate", 12.0)];

#[test]
fn a_company_that_loses_a_hundred_a_month_is_out_of_cash_in_the_third() {
    let unchanged = made(&FLAT, &[]).unchanged;
    let months: Vec<_> = unchanged.months.iter().map(|m| (m.variable_costs, m.fixed_costs, m.net, m.cash)).collect();
    assert_eq!(months, [(400.0, 700.0, -100.0, 150.0), (400.0, 700.0, -100.0, 50.0), (400.0, 700.0, -100.0, -50.0)]);
    assert_eq!((unchanged.total_net, unchanged.end_cash, unchanged.cash_out_month), (-300.0, Some(-50.0), Some(3)));
    assert_eq!((unchanged.runway_months, unchanged.npv), (Some(0.0), 0.0));
}

#[test]
fn what_is_spent_in_two_months_and_earns_from_the_first_is_paid_back_in_the_third() {
    let choices = [with(choice(1, 100.0, 0, 60), "fixed_costs", -40.0)];
    let scenarios = made(&FLAT, &choices);
    assert_eq!(nets(&scenarios.base), [-110.0, -110.0, -60.0]);
    assert_eq!(scenarios.base.payback_month, Some(3));
    // -10, -10 and 40 at one per cent a month.
    let npv: f64 = -10.0 / 1.01 - 10.0 / (1.01 * 1.01) + 40.0 / (1.01 * 1.01 * 1.01);
    assert!((scenarios.base.npv - npv).abs() < 0.006, "{}", scenarios.base.npv);
    assert_eq!(nets(scenarios.optimistic.as_ref().expect("deep")), [-85.0, -85.0, -60.0]);
    assert_eq!(nets(scenarios.pessimistic.as_ref().expect("deep")), [-135.0, -135.0, -60.0]);
    assert_eq!(scenarios.pessimistic.expect("deep").payback_month, None);
}

#[test]
fn customers_leave_and_come() {
    let facts =
        [("customers", 100.0), ("arpu", 10.0), ("churn", 10.0), ("new_customers", 5.0), ("gross_margin", 100.0)];
    let scenarios = made(&facts, &[with(choice(1, 0.0, 0, 30), "churn", -5.0)]);
    assert_eq!(revenue(&scenarios.unchanged), [950.0, 905.0, 864.5]);
    assert_eq!(revenue(&scenarios.base), [1_000.0, 1_000.0, 1_000.0]);
    let growing = [("customers", 100.0), ("arpu", 10.0), ("new_customers", 15.0), ("revenue_growth", 5.0)];
    assert_eq!(revenue(&made(&growing, &[]).unchanged)[0], 1_050.0, "what growth does not explain leaves");
    let with_churn = [("revenue", 1_000.0), ("churn", 10.0), ("revenue_growth", 5.0)];
    let scenarios = made(&with_churn, &[with(choice(1, 0.0, 0, 30), "churn", -5.0)]);
    assert_eq!(revenue(&scenarios.unchanged), [1_050.0, 1_102.5, 1_157.63]);
    assert_eq!(revenue(&scenarios.base)[0], 1_100.0);
}

#[test]
fn effects_grow_evenly() {
    let mut step = choice(1, 0.0, 0, 90);
    step.effects.push(effect("revenue", 900.0, 900.0, 90));
    assert_eq!(revenue(&made(&FLAT, &[step]).base), [1_150.0, 1_450.0, 1_750.0], "in the middle of each month");
}

#[test]
fn every_lever_pulls_at_its_own_place() {
    let facts = [
        ("revenue", 3_000.0),
        ("customers", 100.0),
        ("churn", 0.0),
        ("new_customers", 10.0),
        ("conversion", 2.0),
        ("price", 50.0),
        ("cash", 0.0),
    ];
    let first = |metric: &str, by: f64, lever: &str| {
        let mut step = with(choice(1, 0.0, 0, 30), metric, by);
        step.lever = lever.to_owned();
        let scenarios = made(&facts, &[step]);
        let (base, idle) = (scenarios.base.months[0], scenarios.unchanged.months[0]);
        ((base.revenue - idle.revenue).round(), base.net - idle.net, scenarios.base.npv.round())
    };
    // A customer brings 30; the margin is the default.
    assert_eq!(first("new_customers", 10.0, "pricing").0, 300.0);
    assert_eq!(first("conversion", 1.0, "pricing").0, 150.0);
    assert_eq!(first("price", 5.0, "pricing").0, 330.0);
    assert_eq!(first("arpu", 3.0, "pricing").0, 330.0);
    assert_eq!(first("average_ticket", 3.0, "pricing").0, 0.0, "nobody knows what it is today");
    assert_eq!(first("retention", 1.0, "pricing").0, 0.0, "nobody leaves");
    assert_eq!(first("gross_margin", 10.0, "pricing").1, 330.0);
    assert_eq!(first("marketing_spend", -70.0, "pricing").1, 70.0);
    assert_eq!(first("receivables_days", -3.0, "pricing").1, 330.0, "a tenth of the revenue of the month");
    assert_eq!(first("cash", 500.0, "inventory").1, 500.0);
    assert_eq!(first("cash", 500.0, "financing"), (0.0, 500.0, 0.0), "what is owed is not earned");
    assert_eq!(first("nps", 10.0, "pricing"), (0.0, 0.0, 0.0));
}

#[test]
fn the_same_effect_in_two_words_counts_once() {
    let facts = [("revenue", 1_000.0), ("customers", 100.0), ("churn", 10.0), ("gross_margin", 50.0)];
    let both = with(with(choice(1, 0.0, 0, 30), "churn", -5.0), "revenue", 50.0);
    let one = with(choice(1, 0.0, 0, 30), "churn", -5.0);
    assert_eq!(made(&facts, &[both]).base, made(&facts, &[one]).base);
}

#[test]
fn what_costs_within_the_horizon_is_spent_within_it() {
    let spent = |start, end| {
        made(&FLAT, &[choice(1, 90.0, start, end)]).base.months.iter().map(|m| m.investment).collect::<Vec<_>>()
    };
    assert_eq!(spent(0, 90), [30.0, 30.0, 30.0]);
    assert_eq!(spent(30, 900), [0.0, 45.0, 45.0]);
    assert_eq!(spent(59, 59), [0.0, 90.0, 0.0]);
    assert_eq!(spent(90, 120), [0.0, 0.0, 0.0], "it has not begun");
    assert_eq!(spent(u32::MAX, u32::MAX), [0.0, 0.0, 0.0]);
}

#[test]
fn a_tenth_of_what_matters_most_comes_first() {
    let all = made(&FLAT, &[]).sensitivity;
    let keys: Vec<_> = all.iter().map(|one| (&*one.key, one.low, one.high)).collect();
    assert_eq!(keys, [("fixed_costs", 210.0, -210.0), ("gross_margin", -180.0, 180.0), ("revenue", -180.0, 180.0)]);
}

#[test]
fn another_cap_is_another_course() {
    let choices = [with(choice(1, 300.0, 0, 30), "fixed_costs", -40.0), choice(2, 200.0, 0, 30)];
    let votes = |n: usize| Vote {
        choice: format!("o{n}"),
        approve: true,
        confidence: 1.0 / n as f64,
        reason: String::new(),
        would_change_if: String::new(),
    };
    let counted = count(&[Ballot { role: Role::Analyst, votes: vec![votes(1), votes(2)] }], &[], &[]);
    let invested = |cap: f64| {
        let mut brief = brief(&FLAT, 90);
        let limit = Constraint { kind: ConstraintKind::BudgetCap, key: None, value: Some(cap), text: String::new() };
        brief.constraints.push(limit);
        let decisions = decide(&brief, &[], &[], &choices, &counted, &[], &everything()).0;
        scenarios(&brief, &[], &choices, &decisions, Depth::Quick).expect("numbers are known").base.months[0].investment
    };
    assert_eq!([invested(500.0), invested(499.0), invested(100.0)], [500.0, 200.0, 0.0]);
}

#[test]
fn what_brings_more_than_it_costs_is_worth_something() {
    let choices = [with(choice(1, 30.0, 0, 30), "fixed_costs", -40.0), choice(2, 200.0, 0, 30)];
    let worth_of = |facts: &[(&str, f64)]| worth(&brief(facts, 90), &[], &choices);
    let found = worth_of(&FLAT);
    assert!(found["o1"] > 0.0 && found["o2"] < -150.0, "{found:?}");
    assert!(worth_of(&[]).is_empty(), "nobody knows");
}
