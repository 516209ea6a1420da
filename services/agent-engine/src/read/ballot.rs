//! A ballot out of what a model wrote.

use super::field::{fraction, items, some_text, text};
use crate::domain::{
    ballot::{Ballot, Choice, Vote},
    role::Role,
};
use serde_json::Value;

/// How a role votes, in the order of the choices. Of several votes on one choice the first counts; votes on what is not
/// voted on do not.
pub fn ballot(role: Role, value: &Value, choices: &[Choice]) -> Ballot {
    let cast: Vec<Vote> = items(value, "votes").filter_map(vote).collect();
    let votes = choices.iter().filter_map(|choice| cast.iter().find(|vote| vote.choice == choice.id));
    Ballot { role, votes: votes.cloned().collect() }
}

fn vote(item: &Value) -> Option<Vote> {
    Some(Vote {
        choice: some_text(item, "choice")?.to_ascii_lowercase(),
        approve: item.get("approve")?.as_bool()?,
        confidence: fraction(item, "confidence"),
        reason: text(item, "reason"),
        would_change_if: text(item, "would_change_if"),
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use serde_json::json;

    pub(in super::super) fn choices() -> Vec<Choice> {
        let choice = |id: &str| {
            serde_json::from_value(json!({
                "id": id, "lever": "pricing", "direction": "increase", "recommendations": [], "proposers": [],
                "start_day": 0, "end_day": 1, "owner": "CMO", "depends_on": [], "effects": [],
                "reversibility": "two_way", "priority": "must", "statement": "s",
            }))
        };
        ["o1", "o2"].map(|id| choice(id).expect("a choice")).to_vec()
    }

    #[test]
    fn one_vote_for_each_choice_that_there_is() {
        let vote = |choice: &str, approve: bool, confidence: f64| json!({"choice": choice, "approve": approve, "confidence": confidence});
        let cast =
            json!({"votes": [vote("o9", true, 1.0), vote("O2 ", true, 7.0), vote("o2", false, 0.1), {"choice": "o1"}]});
        let read = ballot(Role::Market, &cast, &choices());
        assert_eq!(read.role, Role::Market);
        let votes: Vec<(&str, bool, f64)> =
            read.votes.iter().map(|vote| (vote.choice.as_str(), vote.approve, vote.confidence)).collect();
        assert_eq!(votes, [("o2", true, 1.0)]);
        assert!(ballot(Role::Market, &Value::Null, &choices()).votes.is_empty());
    }
}
