//! One conflict of each kind, on metrics and levers that nobody else speaks of.

use super::{Random, Scenario, clean::DEADLINE, clean::effect, say};
use crate::domain::{
    conflict::Kind,
    opinion::{Assumption, ClaimKind, Direction, EvidenceKind, Interval, Priority, Reversibility, Stance},
};

type Plant = fn(&mut Scenario, &mut Random);

pub(super) const ALL: [Plant; 10] = [
    metric_mismatch,
    incomparable,
    direction_opposition,
    timeline_clash,
    constraint_violation,
    assumption_conflict,
    priority_conflict,
    reversibility_veto,
    evidence_gap,
    arithmetic_error,
];

fn metric_mismatch(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let (key, value) =
        [("inventory", 80_000.0), ("leads", 400.0), ("defect_rate", 6.0), ("payback", 14.0)][random.below(4)];
    let ahead = random.chance(0.4);
    for (role, factor) in [(a, 1.0), (b, random.within(1.7, 4.0))] {
        let mut claim = say::metric(made.locale, key, say::around(value * factor, 0.05), random);
        if ahead {
            (claim.kind, claim.period) = (ClaimKind::Forecast, Some("d90".to_owned()));
            claim.unit = None;
            claim.value = Some(say::around(value * factor, 0.05));
        }
        made.claim(role, claim);
    }
    made.truth(Kind::MetricMismatch, key);
}

fn incomparable(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let (key, unit) =
        [("investment", "USD"), ("investment", "thousand EUR"), ("headcount", "percent")][random.below(3)];
    for (role, unit) in [(a, None), (b, Some(unit.to_owned()))] {
        let mut claim = say::metric(made.locale, key, say::around(50.0, 0.1), random);
        (claim.unit, claim.value, claim.period) = (unit, Some(say::around(50.0, 0.1)), None);
        made.claim(role, claim);
    }
    made.truth(Kind::Incomparable, key);
}

fn direction_opposition(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    use Direction::{Decrease, Increase, Keep, Start, Stop};
    let (one, other) =
        [(Increase, Decrease), (Stop, Increase), (Start, Stop), (Keep, Start), (Decrease, Keep)][random.below(5)];
    for (role, direction) in [(a, one), (b, other)] {
        let proposal = say::proposal(made.locale, "marketing_spend", direction);
        made.propose(role, proposal);
    }
    made.truth(Kind::DirectionOpposition, "marketing_spend");
}

fn timeline_clash(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let by = if random.chance(0.3) { a } else { b };
    let mut needed = say::proposal(made.locale, "inventory", Direction::Decrease);
    needed.end_day = 50;
    let mut waiting = say::proposal(made.locale, "capacity", Direction::Increase);
    (waiting.start_day, waiting.depends_on) = (random.below(50) as u32, vec!["inventory".to_owned()]);
    made.propose(by, needed);
    made.propose(a, waiting);
    made.truth(Kind::TimelineClash, "inventory");
}

fn constraint_violation(made: &mut Scenario, random: &mut Random) {
    let (a, _) = made.two(random);
    let lever = ["contracts", "contracts", "contracts", "debt_restructuring"][random.below(4)];
    let mut proposal = say::proposal(made.locale, lever, Direction::Start);
    if lever == "contracts" {
        match random.below(3) {
            0 => proposal.end_day = DEADLINE + 1 + random.below(200) as u32,
            1 => proposal.effects = vec![effect("gross_margin", -2.5)],
            _ => proposal.effects = vec![effect("lead_time", 4.0)],
        }
    }
    made.propose(a, proposal);
    made.truth(Kind::ConstraintViolation, lever);
}

fn assumption_conflict(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let (key, unit) =
        [("price_elasticity", "ratio"), ("x_delay", "days"), ("market_share", "percent")][random.below(3)];
    for (role, factor) in [(a, 1.0), (b, random.within(1.6, 3.0))] {
        let statement = say::both(made.locale, "Assumed.", "Suposto.");
        let assumption = Assumption { key: key.to_owned(), value: 10.0 * factor, unit: unit.to_owned(), statement };
        made.of(role).assumptions.push(assumption);
    }
    made.truth(Kind::AssumptionConflict, key);
}

fn priority_conflict(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, priority) in [(a, Priority::Must), (b, Priority::Wont)] {
        let mut proposal = say::proposal(made.locale, "new_market", Direction::Start);
        proposal.priority = priority;
        made.propose(role, proposal);
    }
    made.truth(Kind::PriorityConflict, "new_market");
}

fn reversibility_veto(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let mut step = say::proposal(made.locale, "headcount", Direction::Decrease);
    step.reversibility = Reversibility::OneWay;
    made.propose(a, step);
    let mut against = say::proposal(made.locale, "headcount", Direction::Decrease);
    match random.below(3) {
        0 => {
            against.direction = Direction::Increase;
            made.truth(Kind::DirectionOpposition, "headcount");
        }
        1 => against.priority = Priority::Wont,
        _ => {
            (against.direction, against.priority) = (Direction::Keep, Priority::Could);
            made.of(b).stance = Stance::Oppose;
        }
    }
    made.propose(b, against);
    made.truth(Kind::ReversibilityVeto, "headcount");
}

fn evidence_gap(made: &mut Scenario, random: &mut Random) {
    let (a, _) = made.two(random);
    let mut claim = say::metric(made.locale, "payroll", say::around(90_000.0, 0.1), random);
    if random.chance(0.5) {
        claim.evidence.clear();
    } else {
        claim.evidence[0].kind = EvidenceKind::General;
    }
    made.claim(a, claim);
    made.truth(Kind::EvidenceGap, "payroll");
}

fn arithmetic_error(made: &mut Scenario, random: &mut Random) {
    let (a, _) = made.two(random);
    let key = ["conversion", "support_tickets", "ltv_cac", "runway", "net_income", "retention", "capacity_use"]
        [random.below(7)];
    let parts: &[&str] = match key {
        "ltv_cac" => &["ltv", "cac"],
        "runway" => &["cash", "burn"],
        "net_income" => &["revenue", "operating_costs"],
        "retention" => &["churn"],
        _ => &[],
    };
    // Whoever is wrong says it once, and no other says it, so that nobody disagrees.
    for opinion in &mut made.opinions {
        opinion.claims.retain(|claim| claim.topic != key);
    }
    for part in parts {
        made.of(a).claims.retain(|claim| claim.topic != *part);
        let claim = say::metric(made.locale, part, say::around(made.world[part], 0.01), random);
        made.claim(a, claim);
    }
    let value = match key {
        "conversion" => Interval { low: 100.0, point: 130.0, high: 140.0 },
        "support_tickets" => Interval { low: 90.0, point: 50.0, high: 60.0 },
        "retention" => say::around(100.0 - made.world["churn"] * 0.2 - 30.0, 0.0),
        "net_income" => say::around(made.world[key].abs(), 0.0),
        _ => say::around(made.world[key] * 1.8, 0.01),
    };
    let mut claim = say::metric(made.locale, key, value, random);
    // Calling on the brief is what is wrong about this one; the others are wrong by themselves.
    claim.evidence[0].kind = if key == "capacity_use" { EvidenceKind::Input } else { EvidenceKind::Tool };
    made.claim(a, claim);
    made.truth(Kind::ArithmeticError, key);
}
