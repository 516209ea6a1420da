//! What must hold for every vote. The rules one by one are in the files below.

mod counting;
mod deciding;
mod numbers;
mod settling;

use super::{
    count,
    count::Counted,
    decide, everything,
    sample::{ballot, brief, choice, limit},
};
use crate::domain::{
    ballot::{Ballot, Choice},
    brief::{Brief, ConstraintKind},
    meeting::{Decision, Dissent, Outcome},
    opinion::{Direction, Effect, Priority, Reversibility},
    role::Role,
};
use proptest::prelude::*;

const LEVERS: [&str; 5] = ["pricing", "discounts", "pilot", "x_other", "headcount"];
const DIRECTIONS: [Direction; 5] =
    [Direction::Increase, Direction::Decrease, Direction::Start, Direction::Stop, Direction::Keep];

/// Choices in the order in which `pool` gives them.
fn choices() -> impl Strategy<Value = Vec<Choice>> {
    let one = (0usize..5, 0usize..5, 0u32..5, 0u8..4, 0usize..6, 1u32..200, -5.0f64..5.0);
    proptest::collection::vec(one, 1..9).prop_map(|all| {
        let mut keyed: Vec<_> = all.into_iter().map(|one| ((LEVERS[one.0], DIRECTIONS[one.1]), one)).collect();
        keyed.sort_by(|a, b| a.0.cmp(&b.0));
        keyed.dedup_by(|a, b| a.0 == b.0);
        let made = keyed.into_iter().enumerate().map(|(n, ((lever, direction), one))| {
            let mut made = choice(n + 1, lever, direction, f64::from(one.2) * 2_000.0);
            made.reversibility = if one.3 == 0 { Reversibility::OneWay } else { Reversibility::TwoWay };
            made.priority = [Priority::Must, Priority::Should, Priority::Could][usize::from(one.3) % 3];
            made.depends_on =
                LEVERS.get(one.4).filter(|on| **on != lever).map(|on| (*on).to_owned()).into_iter().collect();
            (made.end_day, made.effects) =
                (one.5, vec![Effect { metric: "cash".into(), low: one.6 * 2e4, high: one.6 * 2e4, horizon_days: 30 }]);
            made
        });
        made.collect()
    })
}

fn ballots() -> impl Strategy<Value = Vec<Ballot>> {
    let votes = proptest::collection::vec(proptest::option::weighted(0.8, (any::<bool>(), 0u8..11)), 9);
    proptest::collection::vec(votes, 0..7).prop_map(|all| {
        let roles = Role::ALL.into_iter().zip(all);
        roles
            .map(|(role, votes)| {
                let mut made = ballot(role, &[], &[], 0.0);
                for (n, vote) in votes.into_iter().enumerate() {
                    if let Some((approve, confidence)) = vote {
                        let of = if approve {
                            ballot(role, &[n + 1], &[], f64::from(confidence) / 10.0)
                        } else {
                            ballot(role, &[], &[n + 1], f64::from(confidence) / 10.0)
                        };
                        made.votes.extend(of.votes);
                    }
                }
                made
            })
            .collect()
    })
}

fn limits() -> impl Strategy<Value = Brief> {
    (proptest::option::of(0.0f64..20_000.0), proptest::option::of(0.0f64..250.0), any::<bool>()).prop_map(
        |(cap, day, all)| {
            let mut limits = vec![];
            limits.extend(cap.map(|cap| limit(ConstraintKind::BudgetCap, None, Some(cap))));
            limits.extend(day.map(|day| limit(ConstraintKind::Deadline, None, Some(day))));
            if all {
                limits.push(limit(ConstraintKind::Forbidden, Some("headcount"), None));
                limits.push(limit(ConstraintKind::MetricMin, Some("cash"), Some(50_000.0)));
            }
            brief(limits)
        },
    )
}

fn decided(brief: &Brief, choices: &[Choice], counted: &Counted) -> (Vec<Decision>, Vec<Dissent>) {
    decide(brief, &[], &[], choices, counted, &[], &everything())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn the_order_of_ballots_and_choices_does_not_matter(brief in limits(), mut choices in choices(), mut ballots in ballots(), by in 0usize..7) {
        let before = decided(&brief, &choices, &count(&ballots, &[], &[]));
        ballots.reverse();
        if !ballots.is_empty() {
            let by = by % ballots.len();
            ballots.rotate_left(by);
        }
        choices.reverse();
        prop_assert_eq!(decided(&brief, &choices, &count(&ballots, &[], &[])), before);
    }

    #[test]
    fn nothing_that_is_adopted_breaks_a_limit(brief in limits(), choices in choices(), ballots in ballots()) {
        let (decisions, _) = decided(&brief, &choices, &count(&ballots, &[], &[]));
        prop_assert_eq!(decisions.len(), choices.len());
        let adopted: Vec<&Choice> =
            choices.iter().zip(&decisions).filter(|(_, d)| d.outcome == Outcome::Adopted).map(|(c, _)| c).collect();
        let cost = |c: &Choice| c.cost.map_or(0.0, |range| (range.low + range.high) / 2.0);
        for choice in &adopted {
            for limit in &brief.constraints {
                let (value, moves) = (limit.value.unwrap_or_default(), choice.direction != Direction::Keep);
                let after = 100_000.0 + choice.effects[0].low - cost(choice);
                prop_assert!(match limit.kind {
                    ConstraintKind::BudgetCap => cost(choice) <= value,
                    ConstraintKind::Deadline => !moves || f64::from(choice.end_day) <= value,
                    ConstraintKind::Forbidden => !moves || choice.lever != "headcount",
                    ConstraintKind::MetricMin => after >= value || after >= 100_000.0,
                    ConstraintKind::MetricMax => true,
                }, "{:?} {:?}", choice, limit);
            }
            let needed = choice.depends_on.iter().filter(|lever| choices.iter().any(|c| c.lever == **lever));
            for lever in needed {
                prop_assert!(adopted.iter().any(|c| c.lever == *lever && c.direction != Direction::Keep), "rests on {lever}");
            }
            for other in adopted.iter().filter(|other| other.lever == choice.lever) {
                prop_assert!(!crate::choice::side::excludes(choice.direction, other.direction));
            }
        }
        let sum: f64 = adopted.iter().map(|choice| cost(choice)).sum();
        prop_assert!(brief.budget_cap().is_none_or(|cap| sum <= cap + 1e-6), "{sum}");
    }

    #[test]
    fn one_more_vote_for_it_never_hurts(choices in choices(), ballots in ballots(), at in 0usize..9, confidence in 0.0f64..1.0) {
        let at = at % choices.len();
        let free = brief(vec![]);
        let counted = count(&ballots, &[], &[]);
        let before = decided(&free, &choices, &counted).0[at].outcome;
        let mut more = counted;
        more.ballots.push(ballot(Role::RiskLegal, &[at + 1], &[], confidence));
        let after = decided(&free, &choices, &more).0[at].outcome;
        prop_assert!(before != Outcome::Adopted || after != Outcome::Rejected);
    }

    #[test]
    fn dissent_is_of_those_who_voted_otherwise(brief in limits(), choices in choices(), ballots in ballots()) {
        let counted = count(&ballots, &[], &[]);
        let (decisions, dissent) = decided(&brief, &choices, &counted);
        for one in &dissent {
            let outcome = decisions.iter().find(|d| d.topic == one.topic).map(|d| d.outcome);
            let own = counted.ballots.iter().find(|b| b.role == one.role).and_then(|b| b.votes.iter().find(|v| v.choice == one.topic));
            let approve = own.map(|vote| vote.approve);
            prop_assert!(matches!((outcome, approve), (Some(Outcome::Adopted), Some(false)) | (Some(Outcome::Rejected), Some(true))));
            prop_assert_eq!(own.map(|vote| &vote.reason), Some(&one.reason));
        }
        for decision in &decisions {
            prop_assert!((-1.0..=1.0).contains(&decision.margin) && (0.0..=1.0).contains(&decision.confidence));
        }
    }
}
