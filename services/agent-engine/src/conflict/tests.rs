//! What must hold whatever is said. What is found and what is not is in `planted`.

mod judging;
mod rules;

use super::{detect, planted::scenario};
use crate::domain::{
    brief::Brief,
    conflict::{Conflict, Kind, Severity},
    locale::Locale,
    opinion::{Claim, Interval, Opinion},
    registry,
    role::Role,
};
use proptest::prelude::*;

/// Kinds that need two who differ.
const OF_TWO: [Kind; 6] = [
    Kind::MetricMismatch,
    Kind::DirectionOpposition,
    Kind::AssumptionConflict,
    Kind::PriorityConflict,
    Kind::ReversibilityVeto,
    Kind::Incomparable,
];

/// The same opinion by somebody else.
fn by(opinion: &Opinion, role: Role) -> Opinion {
    let mut other = Opinion { role, ..opinion.clone() };
    let own = |id: &str| format!("{role}.{}", id.split('.').next_back().unwrap_or_default());
    other.claims.iter_mut().for_each(|claim| claim.id = own(&claim.id));
    other.recommendations.iter_mut().for_each(|made| made.id = own(&made.id));
    other
}

/// A scenario's opinion with one claim only, in units of the registry.
fn saying(role: Role, claim: &Claim, key: &str, value: Interval) -> Opinion {
    let made = scenario(0, Locale::En);
    let own = Claim {
        id: format!("{role}.c1"),
        metric: Some(key.to_owned()),
        value: Some(value),
        unit: registry::metric(key).map(|metric| metric.unit.clone()),
        period: registry::metric(key).and_then(|metric| metric.period.clone()),
        ..claim.clone()
    };
    Opinion { role, claims: vec![own], recommendations: vec![], assumptions: vec![], ..made.opinions[0].clone() }
}

fn some_claim() -> (Brief, Claim) {
    let made = scenario(0, Locale::En);
    let claim = made.opinions.iter().flat_map(|opinion| &opinion.claims).next().expect("somebody says something");
    let mut claim = claim.clone();
    claim.evidence[0].kind = crate::domain::opinion::EvidenceKind::Tool;
    (Brief { facts: vec![], ..made.brief }, Claim { confidence: 0.8, ..claim })
}

fn around(point: f64, part: f64) -> Interval {
    Interval { low: point * (1.0 - part), point, high: point * (1.0 + part) }
}

/// Without what names agents.
fn shape(conflicts: &[Conflict]) -> Vec<(Kind, String, Severity, u64, usize)> {
    let one = |c: &Conflict| (c.kind, c.topic.clone(), c.severity, c.score.to_bits(), c.parties.len());
    let mut all: Vec<_> = conflicts.iter().map(one).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn the_order_of_the_agents_does_not_matter(seed in 0u64..10_000, by in 0usize..6) {
        let mut made = scenario(seed, Locale::PtBr);
        let before = detect(&made.brief, &made.opinions);
        made.opinions.reverse();
        let by = by % made.opinions.len();
        made.opinions.rotate_left(by);
        prop_assert_eq!(detect(&made.brief, &made.opinions), before);
    }

    #[test]
    fn it_does_not_matter_who_says_it(seed in 0u64..10_000) {
        let made = scenario(seed, Locale::En);
        let (first, second) = (Role::Commercial, Role::Market);
        let swapped: Vec<Opinion> = made.opinions.iter().map(|opinion| match opinion.role {
            role if role == first => by(opinion, second),
            role if role == second => by(opinion, first),
            role => by(opinion, role),
        }).collect();
        prop_assert_eq!(shape(&detect(&made.brief, &swapped)), shape(&detect(&made.brief, &made.opinions)));
    }

    #[test]
    fn who_says_the_same_does_not_disagree(seed in 0u64..10_000, at in 0usize..6) {
        let made = scenario(seed, Locale::En);
        let one = &made.opinions[at % made.opinions.len()];
        let all: Vec<Opinion> = Role::ALL.into_iter().take(6).map(|role| by(one, role)).collect();
        let found = detect(&made.brief, &all);
        prop_assert!(found.iter().all(|conflict| !OF_TWO.contains(&conflict.kind)), "{:?}", found);
    }

    #[test]
    fn units_do_not_matter(key in 0usize..6, a in 1.0f64..90.0, b in 1.0f64..90.0, part in 0.0f64..0.2) {
        let (key, unit, factor) = [
            ("cash", "thousand BRL", 1e3), ("churn", "fraction", 100.0), ("revenue", "million", 1e6),
            ("runway", "years", 12.0), ("lead_time", "weeks", 7.0), ("customers", "thousand", 1e3),
        ][key];
        let (brief, claim) = some_claim();
        let found = |second: Opinion| {
            let all = detect(&brief, &[saying(Role::Analyst, &claim, key, around(a, part)), second]);
            all.into_iter().map(|c| (c.kind, c.topic, c.severity, (c.score * 1e3).round())).collect::<Vec<_>>()
        };
        let plain = saying(Role::Market, &claim, key, around(b, part));
        let mut converted = saying(Role::Market, &claim, key, around(b / factor, part));
        converted.claims[0].unit = Some(unit.to_owned());
        prop_assert_eq!(found(converted), found(plain));
    }

    #[test]
    fn a_year_is_twelve_months(a in 1e3f64..1e6, b in 1e3f64..1e6) {
        let (brief, claim) = some_claim();
        let mut yearly = saying(Role::Market, &claim, "revenue", around(b * 12.0, 0.02));
        yearly.claims[0].period = Some("year".to_owned());
        let monthly = saying(Role::Market, &claim, "revenue", around(b, 0.02));
        let first = || saying(Role::Analyst, &claim, "revenue", around(a, 0.02));
        let found = |second| shape(&detect(&brief, &[first(), second])).len();
        prop_assert_eq!(found(yearly), found(monthly));
    }

    #[test]
    fn further_apart_is_never_less_grave(a in 1.0f64..1e6, gap in 0.0f64..5.0, more in 0.0f64..5.0) {
        let (brief, claim) = some_claim();
        let grave = |factor: f64| {
            let second = saying(Role::Market, &claim, "cash", around(a * factor, 0.01));
            detect(&brief, &[saying(Role::Analyst, &claim, "cash", around(a, 0.01)), second]).first().map(|c| (c.severity, c.score))
        };
        let (near, far) = (grave(1.0 + gap), grave(1.0 + gap + more));
        prop_assert!(near <= far, "{near:?} {far:?}");
    }
}
