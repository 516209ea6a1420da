//! From opinions to money, with numbers that nobody should give.

use super::{holds, sample};
use crate::{
    choice, conflict,
    domain::{
        ballot::{Ballot, Choice, Vote},
        brief::{Brief, Constraint, ConstraintKind, Fact, Source},
        depth::Depth,
        opinion::{
            Assumption, Claim, ClaimKind, Direction, Effect, Interval, Opinion, Priority, Range, Recommendation,
            Reversibility, Stance,
        },
        role::Role,
    },
    finance, vote,
};
use proptest::prelude::*;

const KEYS: [&str; 12] = [
    "revenue",
    "churn",
    "cash",
    "gross_margin",
    "customers",
    "arpu",
    "burn",
    "ltv_cac",
    "price",
    "revenue_growth",
    "new_customers",
    "x_what",
];
const UNITS: [&str; 6] = ["money", "percent", "count", "USD", "", "million"];
const PERIODS: [&str; 6] = ["month", "year", "d90", "d99999999999", "now", "?"];
const LEVERS: [&str; 4] = ["pricing", "headcount", "x_lever", ""];

fn number() -> impl Strategy<Value = f64> {
    let odd = proptest::sample::select(vec![
        f64::NAN,
        -f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        f64::MAX,
        f64::MIN,
        f64::MIN_POSITIVE,
        -0.0,
        0.0,
        1e300,
    ]);
    prop_oneof![odd, -1e3f64..1e6, 0.0f64..1.0]
}

type Seeds = (Vec<f64>, Vec<u32>);

fn seeds() -> impl Strategy<Value = Seeds> {
    (proptest::collection::vec(number(), 30), proptest::collection::vec(prop_oneof![0u32..400, any::<u32>()], 30))
}

fn opinion(role: Role, (numbers, picks): &Seeds) -> Opinion {
    let (n, p) = (|at: usize| numbers[at % 30], |at: usize, of: usize| picks[at % 30] as usize % of);
    let claim = |at: usize| Claim {
        id: format!("{role}.c{at}"),
        kind: [ClaimKind::Metric, ClaimKind::Forecast, ClaimKind::Causal][p(at, 3)],
        topic: KEYS[p(at + 1, 12)].into(),
        metric: Some(KEYS[p(at + 2, 12)].into()),
        value: Some(Interval { low: n(at), point: n(at + 1), high: n(at + 2) }),
        unit: Some(UNITS[p(at + 3, 6)].into()),
        period: Some(PERIODS[p(at + 4, 6)].into()),
        trend: None,
        statement: format!("{role} {at}"),
        evidence: vec![],
        confidence: n(at + 3),
    };
    let recommendation = |at: usize| Recommendation {
        id: format!("{role}.r{at}"),
        topic: String::new(),
        lever: LEVERS[p(at, 4)].into(),
        direction: [Direction::Increase, Direction::Decrease, Direction::Keep, Direction::Start][p(at + 1, 4)],
        cost: Some(Range { low: n(at + 4), high: n(at + 5) }),
        start_day: picks[at + 2],
        end_day: picks[at + 3],
        owner: String::new(),
        depends_on: vec![LEVERS[p(at + 4, 4)].into()],
        effects: (0..3)
            .map(|e| Effect {
                metric: KEYS[p(at + e, 12)].into(),
                low: n(at + e),
                high: n(at + e + 6),
                horizon_days: picks[at + e],
            })
            .collect(),
        reversibility: [Reversibility::OneWay, Reversibility::TwoWay][p(at + 5, 2)],
        priority: [Priority::Must, Priority::Should, Priority::Could, Priority::Wont][p(at + 6, 4)],
        statement: String::new(),
    };
    let assumption = |at: usize| Assumption {
        key: KEYS[p(at, 12)].into(),
        value: n(at),
        unit: UNITS[p(at + 1, 6)].into(),
        statement: String::new(),
    };
    Opinion {
        role,
        stance: Stance::Oppose,
        headline: String::new(),
        claims: (0..5).map(claim).collect(),
        recommendations: (5..9).map(recommendation).collect(),
        assumptions: (9..12).map(assumption).collect(),
        risks: vec![],
        unknowns: vec![],
        confidence: n(13),
    }
}

fn brief((numbers, picks): &Seeds) -> Brief {
    let mut brief = sample::brief(&[], picks[0]);
    let keys = KEYS.iter().enumerate().filter(|(at, _)| picks[*at] % 3 > 0);
    brief.facts = keys
        .map(|(at, key)| {
            let unit = crate::domain::registry::metric(key).map_or(String::new(), |metric| metric.unit.clone());
            Fact { key: (*key).into(), value: numbers[at], unit, period: None, source: Source::Given, quote: None }
        })
        .collect();
    use ConstraintKind::{BudgetCap, Deadline, Forbidden, MetricMax, MetricMin};
    let limit =
        |(at, kind)| Constraint { kind, key: Some("cash".into()), value: Some(numbers[12 + at]), text: String::new() };
    brief.constraints = [BudgetCap, Deadline, Forbidden, MetricMax, MetricMin]
        .into_iter()
        .enumerate()
        .map(limit)
        .filter(|_| picks[20] % 2 == 0)
        .collect();
    brief
}

fn ballot(role: Role, choices: &[Choice], all: &[Seeds]) -> Ballot {
    let at = Role::ALL.iter().position(|other| *other == role).expect("one of them");
    let numbers = &all[at].0;
    let vote = |(n, choice): (usize, &Choice)| Vote {
        choice: choice.id.clone(),
        approve: numbers[n % 30] > 0.0,
        confidence: numbers[(n + 1) % 30],
        reason: String::new(),
        would_change_if: String::new(),
    };
    Ballot { role, votes: choices.iter().enumerate().map(vote).collect() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn nothing_breaks_and_no_figure_is_none(all in proptest::collection::vec(seeds(), 1..5), of in seeds()) {
        let brief = brief(&of);
        let mut opinions: Vec<Opinion> = all.iter().zip(Role::ALL).map(|(seeds, role)| opinion(role, seeds)).collect();
        let decide = |opinions: &[Opinion]| {
            let choices = choice::pool(opinions);
            let conflicts = conflict::detect(&brief, opinions);
            let ballots: Vec<Ballot> = opinions.iter().map(|opinion| ballot(opinion.role, &choices, &all)).collect();
            let (decisions, _) = vote::decide(&brief, opinions, &conflicts, &choices, &vote::count(&ballots, &[], &[]), &[], &vote::everything());
            let tabled = vote::table(&conflicts, 6);
            let settled = vote::settle(conflicts, &choices, &decisions, &[], &tabled);
            let made = finance::scenarios(&brief, opinions, &choices, &decisions, Depth::Deep);
            (settled, conflict::pairs(opinions, &[]), choices, decisions, made)
        };
        let (conflicts, pairs, choices, decisions, made) = decide(&opinions);
        prop_assert!(conflicts.iter().all(|conflict| (0.0..=1.0).contains(&conflict.score)));
        prop_assert!(decisions.iter().all(|d| (-1.0..=1.0).contains(&d.margin) && (0.0..=1.0).contains(&d.confidence)));
        for scenario in made.iter().flat_map(|made| [Some(&made.base), made.optimistic.as_ref(), made.pessimistic.as_ref(), Some(&made.unchanged)]).flatten() {
            holds(scenario)?;
        }
        prop_assert!(made.iter().flat_map(|made| &made.inputs).all(|input| input.value.is_finite()));
        prop_assert!(made.iter().flat_map(|made| &made.sensitivity).all(|one| one.low.is_finite() && one.high.is_finite()));
        // What is no number is not equal to itself, but it is written alike.
        let written = format!("{conflicts:?} {pairs:?} {choices:?} {decisions:?} {made:?}");
        opinions.reverse();
        let (conflicts, pairs, choices, decisions, made) = decide(&opinions);
        prop_assert_eq!(written, format!("{conflicts:?} {pairs:?} {choices:?} {decisions:?} {made:?}"));
    }
}
