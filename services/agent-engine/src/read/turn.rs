//! What an agent said in the meeting, out of what a model wrote.

use super::{
    ballot::ballot,
    field::{items, one_of, some_text},
    opinion::interval,
};
use crate::domain::{
    ballot::{Ballot, Choice},
    meeting::{Move, Turn},
    role::Role,
};
use serde_json::Value;

/// What a role says, one turn for each conflict on the table, and how it votes now. A move without a word of reason is
/// none: it stays with what it said.
pub fn turns(role: Role, value: &Value, tabled: &[String], choices: &[Choice]) -> (Vec<Turn>, Ballot) {
    let said: Vec<Turn> = items(value, "turns").filter_map(|item| turn(role, item)).collect();
    let turns = tabled.iter().filter_map(|conflict| said.iter().find(|turn| turn.conflict == *conflict));
    (turns.cloned().collect(), ballot(role, value, choices))
}

fn turn(role: Role, item: &Value) -> Option<Turn> {
    let action: Move = one_of(item, "action")?;
    let revised = interval(item, ["revised_low", "revised_point", "revised_high"]);
    Some(Turn {
        role,
        conflict: some_text(item, "conflict")?.to_ascii_lowercase(),
        action,
        new_evidence: some_text(item, "new_evidence").filter(|name| !is_nothing(name)),
        revised: revised.filter(|_| action == Move::Revise),
        text: some_text(item, "text")?,
    })
}

/// Models that have nothing to say like to say so.
fn is_nothing(name: &str) -> bool {
    matches!(name.to_ascii_lowercase().as_str(), "none" | "null" | "n/a" | "-" | "nenhum" | "nenhuma")
}

#[cfg(test)]
mod tests {
    use super::{super::ballot::tests::choices, *};
    use crate::domain::opinion::Interval;
    use serde_json::json;

    #[test]
    fn turns_are_about_what_is_on_the_table() {
        let said = json!({
            "turns": [
                {"conflict": "k2", "action": "revise", "new_evidence": "none", "revised_low": 3, "revised_point": null,
                 "revised_high": 1, "text": "A little less."},
                {"conflict": "k1", "action": "maintain", "new_evidence": "churn", "revised_low": 3, "revised_point": 3,
                 "revised_high": 3, "text": "No."},
                {"conflict": "k1", "action": "concede", "text": "Well."},
                {"conflict": "k9", "action": "concede", "text": "Well."},
                {"conflict": "k3", "action": "concede", "text": " "},
            ],
            "votes": [{"choice": "o1", "approve": true, "confidence": 0.5, "reason": "", "would_change_if": ""}],
        });
        let tabled = ["k1", "k2", "k3"].map(String::from);
        let (turns, ballot) = turns(Role::Analyst, &said, &tabled, &choices());
        assert_eq!(turns.len(), 2);
        assert_eq!(
            (turns[0].action, turns[0].revised, turns[0].new_evidence.as_deref()),
            (Move::Maintain, None, Some("churn"))
        );
        assert_eq!(
            (turns[1].revised, &turns[1].new_evidence),
            (Some(Interval { low: 1.0, point: 2.0, high: 3.0 }), &None)
        );
        assert_eq!(ballot.votes.len(), 1);
    }
}
