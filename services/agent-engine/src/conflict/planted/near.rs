//! What looks like a conflict and is none.

use super::{Random, Scenario, clean::DEADLINE, clean::effect, say};
use crate::domain::opinion::{Assumption, ClaimKind, Direction, EvidenceKind, Interval, Priority, Reversibility};

type Miss = fn(&mut Scenario, &mut Random);

pub(super) const ALL: [Miss; 11] = [
    within_tolerance,
    other_times,
    unknown_keys,
    same_side,
    keep_a_little,
    no_to_the_opposite,
    one_way_in_peace,
    just_in_time,
    at_the_limit,
    assumed_alike,
    no_reason_needed,
];

fn within_tolerance(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let (value, locale) = (random.within(5.0, 60.0), made.locale);
    for (role, factor) in [(a, 1.0), (b, 1.13)] {
        let claim = say::metric(locale, "market_growth", say::around(value * factor, 0.0), random);
        made.claim(role, claim);
    }
}

fn other_times(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, period, value) in [(a, "d30", 40.0), (b, "d180", 90.0), (a, "year", 55.0)] {
        let mut claim = say::metric(made.locale, "debt", say::around(value, 0.01), random);
        (claim.kind, claim.period) = (ClaimKind::Forecast, Some(period.to_owned()));
        made.claim(role, claim);
    }
    // A rate of a month and one of a year are not the same rate.
    for (role, period, value) in [(a, "month", 2.0), (b, "year", 30.0)] {
        let mut claim = say::metric(made.locale, "interest_rate", say::around(value, 0.0), random);
        (claim.unit, claim.period) = (Some("percent".to_owned()), Some(period.to_owned()));
        claim.value = Some(say::around(value, 0.0));
        made.claim(role, claim);
    }
}

fn unknown_keys(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, value, direction) in [(a, 3.0, Direction::Start), (b, 300.0, Direction::Stop)] {
        let claim = say::metric(made.locale, "x_buzz", say::around(value, 0.0), random);
        made.claim(role, claim);
        let proposal = say::proposal(made.locale, "x_mascot", direction);
        made.propose(role, proposal);
    }
}

fn same_side(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, direction) in [(a, Direction::Increase), (b, Direction::Start)] {
        let mut proposal = say::proposal(made.locale, "sales_team", direction);
        proposal.priority = Priority::Must;
        made.propose(role, proposal);
    }
}

fn keep_a_little(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, direction, priority) in [(a, Direction::Increase, Priority::Must), (b, Direction::Keep, Priority::Could)]
    {
        let mut proposal = say::proposal(made.locale, "partnerships", direction);
        (proposal.priority, proposal.end_day) = (priority, if direction == Direction::Keep { 999 } else { 30 });
        made.propose(role, proposal);
    }
}

fn no_to_the_opposite(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, direction, priority) in
        [(a, Direction::Decrease, Priority::Must), (b, Direction::Increase, Priority::Wont)]
    {
        let mut proposal = say::proposal(made.locale, "discounts", direction);
        (proposal.priority, proposal.reversibility) = (priority, Reversibility::OneWay);
        made.propose(role, proposal);
    }
}

fn one_way_in_peace(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    for (role, reversibility) in [(a, Reversibility::OneWay), (b, Reversibility::TwoWay)] {
        let mut proposal = say::proposal(made.locale, "new_product", Direction::Start);
        proposal.reversibility = reversibility;
        made.propose(role, proposal);
    }
}

fn just_in_time(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let mut first = say::proposal(made.locale, "pilot", Direction::Start);
    first.end_day = 45;
    let mut second = say::proposal(made.locale, "channel_mix", Direction::Increase);
    (second.start_day, second.depends_on) =
        (45, vec!["pilot".to_owned(), "channel_mix".to_owned(), "supplier_terms".to_owned()]);
    made.propose(a, first);
    made.propose(b, second);
}

fn at_the_limit(made: &mut Scenario, random: &mut Random) {
    let (a, _) = made.two(random);
    let mut proposal = say::proposal(made.locale, "receivables", Direction::Start);
    (proposal.end_day, proposal.effects) = (DEADLINE, vec![effect("gross_margin", -2.0), effect("lead_time", 3.0)]);
    made.propose(a, proposal);
    let mut refused = say::proposal(made.locale, "debt_restructuring", Direction::Start);
    (refused.priority, refused.end_day) = (Priority::Wont, 900);
    made.propose(a, refused);
}

fn assumed_alike(made: &mut Scenario, random: &mut Random) {
    let (a, b) = made.two(random);
    let same = [("tax_rate", 20.0, "percent"), ("tax_rate", 0.215, "fraction")];
    let other = [("x_season", 10.0, "weeks"), ("x_season", 900.0, "visits")];
    for ((key, value, unit), role) in same.into_iter().chain(other).zip([a, b, a, b]) {
        let statement = say::both(made.locale, "Assumed.", "Suposto.");
        made.of(role).assumptions.push(Assumption { key: key.to_owned(), value, unit: unit.to_owned(), statement });
    }
}

fn no_reason_needed(made: &mut Scenario, random: &mut Random) {
    let (a, _) = made.two(random);
    for (key, confidence) in [("support_tickets", 0.9), ("ebitda", 0.4)] {
        let mut claim = say::metric(made.locale, key, Interval { low: 90.0, point: 100.0, high: 110.0 }, random);
        (claim.confidence, claim.evidence) = (confidence, vec![]);
        made.claim(a, claim);
    }
    let mut reasoned = say::metric(made.locale, "ebitda", Interval { low: 90.0, point: 100.0, high: 110.0 }, random);
    reasoned.evidence[0].kind = EvidenceKind::Assumption;
    made.claim(a, reasoned);
}
