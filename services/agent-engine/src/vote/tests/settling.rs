use crate::{
    domain::{
        conflict::{Conflict, Kind, Severity, Status},
        meeting::{Move, Round, Turn},
        opinion::{Direction, EvidenceKind},
        role::Role,
    },
    vote::{
        count, decide, everything,
        sample::{ballot, brief, choice, churn, conflict, turn},
        settle, table,
    },
};

fn talked(kind: Kind, parties: &[&str], turns: Vec<Turn>) -> Status {
    let conflicts = vec![conflict(1, kind, "x_topic", parties)];
    settle(conflicts, &[], &[], &[Round { turns }], &["k1".to_owned()])[0].status
}

#[test]
fn what_is_talked_about_is_grave_and_has_two_sides() {
    let mut conflicts: Vec<Conflict> =
        (1..=5).map(|n| conflict(n, Kind::AssumptionConflict, "a", &["analyst.a1", "market.a1"])).collect();
    conflicts[0].severity = Severity::Low;
    conflicts[1].severity = Severity::Medium;
    conflicts[2].parties = vec!["market.c1".into(), "market.c2".into()];
    conflicts[3].severity = Severity::Critical;
    assert_eq!(table(&conflicts, 2), ["k4", "k5"]);
    assert_eq!(table(&conflicts, 9), ["k4", "k5", "k2"]);
}

#[test]
fn talk_settles_what_all_but_one_have_moved_from() {
    let both = ["analyst.a1", "market.a1"];
    let stay = turn(Role::Analyst, Move::Maintain, None, None);
    assert_eq!(talked(Kind::AssumptionConflict, &both, vec![]), Status::Open);
    assert_eq!(talked(Kind::AssumptionConflict, &both, vec![stay.clone()]), Status::Debated);
    let gone = turn(Role::Market, Move::Concede, Some("cash"), None);
    assert_eq!(talked(Kind::Contradiction, &both, vec![stay.clone(), gone]), Status::Resolved);
    let weak = turn(Role::Market, Move::Concede, None, None);
    assert_eq!(talked(Kind::Contradiction, &both, vec![stay.clone(), weak]), Status::Debated);
    let found = turn(Role::Analyst, Move::Maintain, Some("cash"), None);
    assert_eq!(talked(Kind::EvidenceGap, &["analyst.c1"], vec![found]), Status::Resolved);
    assert_eq!(talked(Kind::EvidenceGap, &["analyst.c1"], vec![stay]), Status::Debated);
}

#[test]
fn a_decision_settles_what_was_proposed_and_keeps_who_is_against_it() {
    let choices = [choice(1, "pricing", Direction::Increase, 0.0), choice(2, "pricing", Direction::Decrease, 0.0)];
    let opposed = || vec![conflict(1, Kind::DirectionOpposition, "pricing", &["market.r1", "market.r2"])];
    let status = |ballots: &[_]| {
        let decisions = decide(&brief(vec![]), &[], &[], &choices, &count(ballots, &[], &[]), &[], &everything()).0;
        settle(opposed(), &choices, &decisions, &[], &[])[0].status
    };
    assert_eq!(status(&[ballot(Role::Analyst, &[1], &[2], 0.5)]), Status::Resolved);
    let split = [ballot(Role::Analyst, &[1], &[2], 0.9), ballot(Role::Market, &[2], &[1], 0.5)];
    assert_eq!(status(&split), Status::AcceptedDissent);
    assert_eq!(settle(opposed(), &choices, &[], &[], &[])[0].status, Status::Open, "nothing was decided");
}

#[test]
fn what_begins_too_early_still_does_where_both_are_done() {
    let mut choices = [choice(1, "pilot", Direction::Start, 0.0), choice(2, "pricing", Direction::Increase, 0.0)];
    choices[1].depends_on = vec!["pilot".into()];
    let status = |choices: &[_], yes: &[usize], no: &[usize]| {
        let ballots = [ballot(Role::Analyst, yes, no, 0.5)];
        let decisions = decide(&brief(vec![]), &[], &[], choices, &count(&ballots, &[], &[]), &[], &everything()).0;
        settle(
            vec![conflict(1, Kind::TimelineClash, "pilot", &["market.r1", "market.r2"])],
            choices,
            &decisions,
            &[],
            &[],
        )[0]
        .status
    };
    assert_eq!(status(&choices, &[1, 2], &[]), Status::Open);
    assert_eq!(status(&choices, &[1], &[2]), Status::Resolved);
    choices[1].start_day = 30;
    assert_eq!(status(&choices, &[1, 2], &[]), Status::Resolved);
}

#[test]
fn an_agreed_number_settles_a_mismatch_unless_somebody_stays() {
    let opinions =
        [churn(Role::Analyst, 3.0, 0.9, EvidenceKind::Input), churn(Role::Market, 9.0, 0.5, EvidenceKind::Tool)];
    let conflicts = vec![conflict(1, Kind::MetricMismatch, "churn", &["analyst.c1", "market.c1"])];
    let status = |turns: Vec<Turn>| {
        let rounds = [Round { turns }];
        let decisions =
            decide(&brief(vec![]), &opinions, &conflicts, &[], &Default::default(), &rounds, &everything()).0;
        settle(conflicts.clone(), &[], &decisions, &rounds, &["k1".to_owned()])[0].status
    };
    assert_eq!(status(vec![]), Status::Resolved);
    let moved = turn(Role::Market, Move::Revise, None, Some(4.0));
    assert_eq!(status(vec![moved.clone(), turn(Role::Analyst, Move::Maintain, None, None)]), Status::AcceptedDissent);
    assert_eq!(status(vec![moved, turn(Role::Analyst, Move::Revise, None, Some(3.5))]), Status::Resolved);
}
