use crate::{
    domain::{
        ballot::{Ballot, Choice},
        brief::{Brief, ConstraintKind},
        meeting::{Decision, Method, Outcome},
        opinion::{Direction, Priority, Reversibility},
        role::Role,
    },
    vote::{
        Focus, count, decide, everything,
        sample::{ballot, brief, cap, choice, limit},
    },
};

fn decided(brief: &Brief, choices: &[Choice], ballots: &[Ballot]) -> Vec<Decision> {
    decide(brief, &[], &[], choices, &count(ballots, &[], &[]), &[], &everything()).0
}

fn outcome(decision: &Decision) -> (Outcome, Method, String) {
    (decision.outcome, decision.method, decision.conditions.join(" "))
}

fn all(yes: &[usize], no: &[usize]) -> Vec<Ballot> {
    vec![ballot(Role::Analyst, yes, no, 0.8), ballot(Role::Market, yes, no, 0.6)]
}

#[test]
fn votes_are_weighed_by_confidence_and_role() {
    let ballots = [
        ballot(Role::Financial, &[1], &[], 0.8),
        ballot(Role::Market, &[], &[1], 0.9),
        ballot(Role::Reviewer, &[], &[1], 1.0),
    ];
    let decision = &decided(&brief(vec![]), &[choice(1, "pricing", Direction::Increase, 0.0)], &ballots)[0];
    assert_eq!((decision.votes_for, decision.votes_against), (1.0, 0.9));
    assert!((decision.margin - 0.1 / 1.9).abs() < 1e-12 && (decision.confidence - 1.0 / 2.25).abs() < 1e-12);
    assert_eq!(outcome(decision), (Outcome::Adopted, Method::Approval, String::new()));
}

#[test]
fn as_many_for_as_against_is_tried_only_if_it_is_cheap_and_can_be_taken_back() {
    let mut step = choice(1, "pilot", Direction::Start, 5_000.0);
    let even = [ballot(Role::Analyst, &[1], &[], 0.5), ballot(Role::Financial, &[], &[1], 0.5)];
    let of = |step: &Choice| outcome(&decided(&brief(vec![]), std::slice::from_ref(step), &even)[0]);
    assert_eq!(of(&step), (Outcome::Adopted, Method::ChairRule, String::new()), "a twentieth of the cash");
    step = choice(1, "pilot", Direction::Start, 5_001.0);
    assert_eq!(of(&step), (Outcome::Rejected, Method::ChairRule, "tie:cost".into()));
    step = Choice { reversibility: Reversibility::OneWay, ..choice(1, "pilot", Direction::Start, 0.0) };
    assert_eq!(of(&step), (Outcome::Rejected, Method::ChairRule, "tie:one_way".into()));
}

#[test]
fn what_cannot_be_taken_back_needs_more_against_one_who_must_be_there() {
    let step = Choice { reversibility: Reversibility::OneWay, ..choice(1, "headcount", Direction::Decrease, 0.0) };
    let mut ballots = vec![ballot(Role::Financial, &[], &[1], 0.4), ballot(Role::Market, &[1], &[], 0.9)];
    let of = |ballots: &[Ballot]| outcome(&decided(&brief(vec![]), std::slice::from_ref(&step), ballots)[0]);
    assert_eq!(of(&ballots), (Outcome::Rejected, Method::Approval, "one_way_margin:0.5".into()));
    ballots.push(ballot(Role::Operations, &[1], &[], 0.9));
    assert_eq!(of(&ballots), (Outcome::Adopted, Method::Approval, String::new()));
    ballots[0] = ballot(Role::RiskLegal, &[], &[1], 0.9);
    assert_eq!(of(&ballots).0, Outcome::Adopted);
}

#[test]
fn of_what_excludes_each_other_the_greater_margin_is_taken() {
    let choices = [
        choice(1, "pricing", Direction::Increase, 0.0),
        choice(2, "pricing", Direction::Decrease, 0.0),
        choice(3, "pricing", Direction::Start, 0.0),
        choice(4, "pricing", Direction::Keep, 0.0),
    ];
    let ballots = [ballot(Role::Analyst, &[1, 2, 3], &[4], 0.8), ballot(Role::Market, &[1], &[2, 4], 0.2)];
    let decisions = decided(&brief(vec![]), &choices, &ballots);
    let outcomes: Vec<_> = decisions.iter().map(outcome).collect();
    assert_eq!(outcomes[0], (Outcome::Adopted, Method::Ranked, String::new()));
    assert_eq!(outcomes[1], (Outcome::Deferred, Method::Ranked, "excluded_by:o1".into()));
    assert_eq!(outcomes[2].0, Outcome::Adopted, "more of it and beginning with it go together");
    assert_eq!(outcomes[3], (Outcome::Rejected, Method::Ranked, String::new()));
}

#[test]
fn of_as_good_ones_the_chair_takes_what_can_be_taken_back_and_what_costs_less() {
    let mut choices =
        [choice(1, "pricing", Direction::Increase, 0.0), choice(2, "pricing", Direction::Decrease, 900.0)];
    let of = |choices: &[Choice]| -> Vec<_> {
        decided(&brief(vec![]), choices, &all(&[1, 2], &[])).iter().map(outcome).collect()
    };
    assert_eq!(of(&choices)[1], (Outcome::Deferred, Method::ChairRule, "excluded_by:o1".into()));
    assert_eq!(of(&choices)[0].1, Method::ChairRule);
    choices[0].reversibility = Reversibility::OneWay;
    assert_eq!(of(&choices)[0], (Outcome::Deferred, Method::ChairRule, "excluded_by:o2".into()));
}

#[test]
fn limits_come_before_votes() {
    let limits = vec![
        limit(ConstraintKind::BudgetCap, None, Some(50_000.0)),
        limit(ConstraintKind::Forbidden, Some("headcount"), None),
        limit(ConstraintKind::Deadline, None, Some(20.0)),
        limit(ConstraintKind::BudgetCap, None, Some(f64::NAN)),
    ];
    let choices = [choice(1, "headcount", Direction::Decrease, 60_000.0), choice(2, "headcount", Direction::Keep, 0.0)];
    let decisions = decided(&brief(limits), &choices, &all(&[1], &[2]));
    let codes = "budget_cap:50000 deadline:20 forbidden:headcount";
    assert_eq!(outcome(&decisions[0]), (Outcome::Rejected, Method::ChairRule, codes.into()));
    assert_eq!(outcome(&decisions[1]), (Outcome::Rejected, Method::Approval, String::new()), "there is no other left");
}

#[test]
fn money_goes_to_what_matters_most_then_to_what_most_are_for_then_to_what_costs_less() {
    let mut choices: Vec<Choice> =
        [("contracts", 40.0), ("discounts", 50.0), ("pilot", 30.0), ("pricing", 20.0), ("training", 0.0)]
            .into_iter()
            .enumerate()
            .map(|(n, (lever, cost))| choice(n + 1, lever, Direction::Start, cost))
            .collect();
    choices[1].priority = Priority::Must;
    let ballots = [ballot(Role::Analyst, &[1, 2, 3, 4, 5], &[], 0.8), ballot(Role::Market, &[2, 3, 4, 5], &[1], 0.5)];
    let outcomes: Vec<_> = decided(&cap(100.0), &choices, &ballots).iter().map(outcome).collect();
    let put_off = (Outcome::Deferred, Method::ChairRule, "budget_cap:100".to_owned());
    assert_eq!(outcomes[0], put_off);
    assert_eq!(outcomes[1], (Outcome::Adopted, Method::Approval, "budget_cap:100".into()));
    assert_eq!((outcomes[2].0, outcomes[3].0), (Outcome::Adopted, Outcome::Adopted));
    assert_eq!(outcomes[4], (Outcome::Adopted, Method::Approval, String::new()), "what costs nothing needs no room");
    (choices[0].priority, choices[1].priority) = (Priority::Must, Priority::Should);
    let outcomes: Vec<_> = decided(&cap(100.0), &choices, &ballots).iter().map(outcome).collect();
    assert_eq!((outcomes[0].0, outcomes[1].0), (Outcome::Adopted, Outcome::Deferred), "though fewer are for it");
}

#[test]
fn what_rests_on_something_that_is_not_done_waits() {
    let mut choices = vec![
        choice(1, "pilot", Direction::Start, 0.0),
        choice(2, "pricing", Direction::Increase, 0.0),
        choice(3, "training", Direction::Start, 0.0),
    ];
    choices[1].depends_on = vec!["pilot".into()];
    choices[2].depends_on = vec!["pricing".into(), "automation".into()];
    let rejected: Vec<_> = decided(&brief(vec![]), &choices, &all(&[2, 3], &[1])).iter().map(outcome).collect();
    assert_eq!(rejected[1], (Outcome::Deferred, Method::Approval, "depends_on:pilot".into()));
    assert_eq!(rejected[2], (Outcome::Deferred, Method::Approval, "depends_on:pricing".into()));
    let adopted: Vec<_> = decided(&brief(vec![]), &choices, &all(&[1, 2, 3], &[])).iter().map(outcome).collect();
    assert_eq!(adopted[2], (Outcome::Adopted, Method::Approval, "requires:automation".into()));
}

#[test]
fn no_more_is_adopted_at_once_than_somebody_can_carry_out() {
    let mut choices: Vec<Choice> = (1..=9).map(|n| choice(n, &format!("lever_{n}"), Direction::Start, 100.0)).collect();
    choices[8].priority = Priority::Must;
    let ballots = all(&[1, 2, 3, 4, 5, 6, 7, 8, 9], &[]);
    let focus = Focus { most: 3, worth: [("o5".to_owned(), 900.0), ("o1".to_owned(), -50.0)].into() };
    let decided = |brief: &Brief| decide(brief, &[], &[], &choices, &count(&ballots, &[], &[]), &[], &focus).0;
    let outcomes = |decisions: &[Decision]| -> Vec<(String, Outcome, Vec<String>)> {
        decisions.iter().map(|d| (d.topic.clone(), d.outcome, d.conditions.clone())).collect()
    };
    let found = outcomes(&decided(&brief(vec![])));
    let adopted: Vec<&str> =
        found.iter().filter(|(_, outcome, _)| *outcome == Outcome::Adopted).map(|(id, ..)| id.as_str()).collect();
    assert_eq!(adopted, ["o2", "o5", "o9"], "what matters most is among them, then what is worth most");
    let waiting = found.iter().filter(|(_, outcome, _)| *outcome == Outcome::Deferred);
    assert!(waiting.clone().count() == 6 && waiting.clone().all(|(.., why)| why == &["focus:3"]), "{found:?}");
    let found = outcomes(&decided(&cap(220.0)));
    let why: Vec<&str> = found.iter().map(|(.., why)| why.last().map_or("", String::as_str)).collect();
    assert_eq!(why.iter().filter(|why| **why == "budget_cap:220").count(), 9, "money ends before: {found:?}");
}

#[test]
fn nor_more_where_one_rests_on_another_that_comes_in_its_place() {
    let mut choices: Vec<Choice> = (1..=4).map(|n| choice(n, &format!("lever_{n}"), Direction::Start, 0.0)).collect();
    // The first rests on the last, for which there is no room as long as the first is there.
    choices[0].depends_on = vec!["lever_4".into()];
    let ballots = all(&[1, 2, 3, 4], &[]);
    let focus = Focus { most: 3, worth: [].into() };
    let decisions = decide(&brief(vec![]), &[], &[], &choices, &count(&ballots, &[], &[]), &[], &focus).0;
    let outcomes: Vec<_> = decisions.iter().map(outcome).collect();
    assert_eq!(outcomes.iter().filter(|(outcome, ..)| *outcome == Outcome::Adopted).count(), 3, "{outcomes:?}");
    assert_eq!(outcomes[0], (Outcome::Deferred, Method::ChairRule, "focus:3".into()));
}
