//! What must hold for every company. Cases that can be reckoned by hand are in the files below.

mod hand;
mod inputs;
mod sample;
mod survive;

use super::scenarios;
use crate::domain::{ballot::Choice, depth::Depth, finance::Scenario};
use proptest::prelude::*;
use sample::{adopted, brief, choice, company};

/// Effects that help, in units of the registry.
fn helping() -> impl Strategy<Value = Vec<Choice>> {
    let effect = prop_oneof![
        (Just("churn"), -2.0f64..0.0),
        (Just("revenue"), 0.0f64..30_000.0),
        (Just("revenue_growth"), 0.0f64..2.0),
        (Just("gross_margin"), 0.0f64..10.0),
        (Just("operating_costs"), -20_000.0f64..0.0),
        (Just("payroll"), -5_000.0f64..0.0),
        (Just("arpu"), 0.0f64..20.0),
        (Just("new_customers"), 0.0f64..30.0),
        (Just("receivables_days"), -20.0f64..0.0),
        (Just("cash"), 0.0f64..50_000.0),
        (Just("nps"), 0.0f64..10.0),
    ];
    let one =
        (proptest::collection::vec((effect, 0.0f64..1.0, 0u32..400), 0..4), 0.0f64..90_000.0, 0u32..200, 0u32..300);
    proptest::collection::vec(one, 0..4).prop_map(|all| {
        let made = all.into_iter().enumerate().map(|(n, (effects, cost, start, length))| {
            let mut made = choice(n + 1, cost, start, start + length);
            made.effects.extend(
                effects
                    .into_iter()
                    .map(|((metric, by), spread, day)| sample::effect(metric, by * (1.0 - spread), by, day)),
            );
            made
        });
        made.collect()
    })
}

fn holds(scenario: &Scenario) -> Result<(), TestCaseError> {
    let near = |a: f64, b: f64| (a - b).abs() < 0.011 + a.abs() * 1e-12;
    for (n, month) in scenario.months.iter().enumerate() {
        prop_assert_eq!(month.month as usize, n + 1);
        let net = month.revenue - month.variable_costs - month.fixed_costs - month.investment;
        prop_assert!(near(net, month.net), "{month:?}");
        if n > 0 && scenario.end_cash.is_some() {
            prop_assert!(near(scenario.months[n - 1].cash + month.net, month.cash), "{month:?}");
        }
        let all = [month.revenue, month.variable_costs, month.fixed_costs, month.investment, month.net, month.cash];
        prop_assert!(all.iter().all(|value| value.is_finite()), "{month:?}");
    }
    let sum: f64 = scenario.months.iter().map(|month| month.net).sum();
    prop_assert!(near(sum, scenario.total_net) && scenario.npv.is_finite());
    prop_assert!(scenario.end_cash.is_none_or(|cash| Some(cash) == scenario.months.last().map(|month| month.cash)));
    prop_assert!(scenario.runway_months.is_none_or(|runway| runway.is_finite() && runway >= 0.0));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn months_follow_from_each_other_and_sum_up(brief in company(), choices in helping()) {
        let made = scenarios(&brief, &[], &choices, &adopted(&choices), Depth::Deep).expect("revenue is known");
        prop_assert_eq!(made.base.months.len() as u32, brief.horizon_days.div_ceil(30).clamp(3, 36));
        for scenario in [Some(&made.base), made.optimistic.as_ref(), made.pessimistic.as_ref(), Some(&made.unchanged)] {
            holds(scenario.expect("deep"))?;
        }
        prop_assert_eq!((made.unchanged.npv, made.unchanged.payback_month), (0.0, None));
        prop_assert!(made.sensitivity.is_sorted_by(|a, b| (a.high - a.low).abs() >= (b.high - b.low).abs()));
    }

    #[test]
    fn better_is_never_worse(brief in company(), choices in helping()) {
        let made = scenarios(&brief, &[], &choices, &adopted(&choices), Depth::Deep).expect("revenue is known");
        let total = |scenario: Option<&Scenario>| scenario.map(|scenario| scenario.total_net).expect("deep");
        let (best, base, worst) = (total(made.optimistic.as_ref()), made.base.total_net, total(made.pessimistic.as_ref()));
        // Each figure of each month is rounded by itself.
        let slack = 0.05 * made.base.months.len() as f64;
        prop_assert!(best + slack >= base && base + slack >= worst, "{best} {base} {worst}");
    }

    #[test]
    fn what_is_not_adopted_changes_nothing(brief in company(), choices in helping()) {
        let made = scenarios(&brief, &[], &choices, &[], Depth::Standard).expect("revenue is known");
        prop_assert_eq!(&made.base, &made.unchanged);
        prop_assert!(made.optimistic.is_none() && made.pessimistic.is_none() && made.sensitivity.is_empty());
    }

    #[test]
    fn other_facts_are_other_figures(brief in company(), more in 1.05f64..1.5) {
        let choices = [sample::with(choice(1, 1_000.0, 0, 60), "churn", -1.0)];
        let base = |brief: &crate::domain::brief::Brief| scenarios(brief, &[], &choices, &adopted(&choices), Depth::Quick).expect("revenue").base;
        let before = base(&brief);
        for key in ["cash", "churn", "revenue", "fixed_costs", "gross_margin"] {
            let mut other = brief.clone();
            let fact = other.facts.iter_mut().find(|fact| fact.key == key).expect("it is known");
            fact.value *= more;
            prop_assert_ne!(&base(&other), &before, "{}", key);
        }
    }
}

#[test]
fn without_numbers_there_is_nothing() {
    assert_eq!(scenarios(&brief(&[("cash", 1e5), ("churn", 3.0)], 90), &[], &[], &[], Depth::Deep), None);
}
