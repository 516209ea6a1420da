use crate::{
    domain::{
        meeting::{Move, Round},
        role::Role,
    },
    vote::{
        count::{Counted, count},
        sample::{ballot, turn},
    },
};

fn counted(action: Move, evidence: Option<&str>) -> (bool, usize) {
    let rounds = [Round {
        turns: vec![turn(Role::Market, action, evidence, None), turn(Role::Analyst, action, Some("cash"), None)],
    }];
    let counted = count(&[ballot(Role::Market, &[1], &[2], 0.5)], &[ballot(Role::Market, &[], &[1, 2], 0.9)], &rounds);
    assert_eq!(counted.ballots[0].votes[1].confidence, 0.9, "what was not turned counts as it is now");
    (counted.ballots[0].votes[0].approve, counted.conformity.len())
}

#[test]
fn who_gives_in_without_a_new_reason_has_voted_as_before() {
    assert_eq!(counted(Move::Concede, None), (true, 1));
    assert_eq!(counted(Move::Revise, Some("  ")), (true, 1));
    assert_eq!(counted(Move::Maintain, Some("churn")), (true, 1), "who stays has no reason to turn");
    assert_eq!(counted(Move::Concede, Some("churn")), (false, 0));
}

#[test]
fn ballots_are_sorted_and_complete() {
    let before = [
        ballot(Role::Market, &[2, 1], &[], 0.5),
        ballot(Role::Chair, &[1], &[], 1.0),
        ballot(Role::Analyst, &[1], &[], 0.5),
    ];
    let counted = count(&before, &[ballot(Role::Market, &[], &[3], 0.4)], &[]);
    assert_eq!(counted.ballots.iter().map(|ballot| ballot.role).collect::<Vec<_>>(), [Role::Analyst, Role::Market]);
    let votes: Vec<_> = counted.ballots[1].votes.iter().map(|vote| (&*vote.choice, vote.approve)).collect();
    assert_eq!(
        votes,
        [("o1", true), ("o2", true), ("o3", false)],
        "a vote on what it had said nothing of is none turned"
    );
    assert_eq!(count(&[], &[], &[]), Counted::default());
}
