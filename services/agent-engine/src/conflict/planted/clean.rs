//! A company about which everybody says the same, in other words and units.

use super::{Random, Scenario, say};
use crate::domain::{
    brief::{Brief, Constraint, ConstraintKind, Fact, Source},
    locale::Locale,
    opinion::{Direction, Effect, Opinion, Stance},
    registry,
    role::Role,
};
use std::collections::{BTreeMap, BTreeSet};

/// Nobody quarrels about these.
const LEVERS: [&str; 6] =
    ["retention_program", "pricing", "quality_program", "automation", "training", "customer_support"];
/// The last day of everything.
pub(super) const DEADLINE: u32 = 120;

pub(super) fn company(random: &mut Random, locale: Locale) -> Scenario {
    let world = world(random);
    let fact = |(key, value): (&&str, &f64)| {
        let metric = registry::metric(key).expect("known");
        let (unit, period) = (metric.unit.clone(), metric.period.clone());
        Fact { key: (*key).to_owned(), value: *value, unit, period, source: Source::Given, quote: None }
    };
    let limit = |kind, key: Option<&str>, value| {
        let text = say::both(locale, "A limit of the owner.", "Um limite do dono.");
        Constraint { kind, key: key.map(str::to_owned), value, text }
    };
    let constraints = vec![
        limit(ConstraintKind::Deadline, None, Some(f64::from(DEADLINE))),
        limit(ConstraintKind::Forbidden, Some("debt_restructuring"), None),
        limit(ConstraintKind::MetricMin, Some("gross_margin"), Some(world["gross_margin"] - 2.0)),
        limit(ConstraintKind::MetricMax, Some("lead_time"), Some(world["lead_time"] + 3.0)),
    ];
    let brief = Brief {
        problem_description: say::both(locale, "Customers leave and cash runs out.", "Clientes saem e o caixa acaba."),
        business_type: "SaaS".to_owned(),
        facts: world.iter().map(fact).collect(),
        constraints,
        horizon_days: 180,
        currency: "BRL".to_owned(),
        locale,
        unknown: vec![],
    };
    let opinions = Role::ALL.into_iter().take(4 + random.below(3)).map(opinion).collect();
    Scenario { brief, opinions, truth: BTreeSet::new(), locale, costs: BTreeMap::new(), world }
}

fn opinion(role: Role) -> Opinion {
    Opinion {
        role,
        stance: Stance::Conditional,
        headline: String::new(),
        claims: vec![],
        recommendations: vec![],
        assumptions: vec![],
        risks: vec![],
        unknowns: vec![],
        confidence: 0.8,
    }
}

/// Numbers that come out: nobody can be wrong who keeps to them.
fn world(random: &mut Random) -> BTreeMap<&'static str, f64> {
    let revenue = random.within(50_000.0, 900_000.0).round();
    let burn = (revenue * random.within(0.1, 0.4)).round();
    let cash = burn * random.within(4.0, 14.0);
    let (cac, ratio) = (random.within(200.0, 2_000.0), random.within(1.2, 5.0));
    let churn = random.within(2.0, 12.0);
    let customers = random.within(200.0, 4_000.0).round();
    BTreeMap::from([
        ("revenue", revenue),
        ("operating_costs", revenue + burn),
        ("burn", burn),
        ("net_income", -burn),
        ("cash", cash),
        ("runway", cash / burn),
        ("cac", cac),
        ("ltv", cac * ratio),
        ("ltv_cac", ratio),
        ("churn", churn),
        ("retention", 100.0 - churn),
        ("customers", customers),
        ("arpu", revenue / customers),
        ("gross_margin", random.within(35.0, 80.0)),
        ("lead_time", random.within(8.0, 40.0)),
        ("nps", random.within(20.0, 70.0)),
        ("capacity_use", random.within(50.0, 95.0)),
    ])
}

/// Everybody tells some of it, each in units of its own.
pub(super) fn claims(made: &mut Scenario, random: &mut Random) {
    let world: Vec<(&str, f64)> = made.world.iter().map(|(key, value)| (*key, *value)).collect();
    for role in made.opinions.iter().map(|opinion| opinion.role).collect::<Vec<_>>() {
        for (key, value) in &world {
            if random.chance(0.4) {
                let value = say::around(*value, random.within(0.0, 0.03));
                // A share that is nearly whole has no room above.
                let high = if *key == "retention" { value.high.min(100.0) } else { value.high };
                let claim = say::metric(made.locale, key, crate::domain::opinion::Interval { high, ..value }, random);
                made.claim(role, claim);
            }
        }
    }
}

/// All levers go up, at the same cost, and end in time.
pub(super) fn proposals(made: &mut Scenario, random: &mut Random) {
    for lever in LEVERS {
        let cost = random.within(1_000.0, 60_000.0).round();
        for role in made.opinions.iter().map(|opinion| opinion.role).collect::<Vec<_>>() {
            if random.chance(0.3) {
                let direction = if random.chance(0.5) { Direction::Increase } else { Direction::Start };
                let mut proposal = say::proposal(made.locale, lever, direction);
                proposal.end_day = 1 + random.below(DEADLINE as usize) as u32;
                if direction == Direction::Start {
                    proposal.cost = say::cost(cost);
                    proposal.effects =
                        vec![effect("gross_margin", 1.0), effect("lead_time", -1.0), effect("churn", 90.0)];
                }
                made.propose(role, proposal);
            }
        }
    }
}

pub(super) fn effect(metric: &str, by: f64) -> Effect {
    Effect { metric: metric.to_owned(), low: by * 0.5, high: by * 1.5, horizon_days: 90 }
}
