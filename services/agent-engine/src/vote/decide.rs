//! What is decided about every choice, and about every number that is contested?

use super::{
    alone::alone,
    count::Counted,
    dissent::dissent,
    exclusive::exclude,
    metric::agreed,
    room::{Focus, fit},
    standing::Standing,
    tally::tally,
};
use crate::{
    choice::{limits::cap, number::natural},
    domain::{
        ballot::Choice,
        brief::Brief,
        conflict::Conflict,
        meeting::{Decision, Dissent, Round},
        opinion::Opinion,
    },
};

/// One decision of each choice, in their order, then one of each number that is contested; and who is against them. Nothing
/// that breaks a constraint is adopted, all that is adopted costs no more than the cap, and it is no more than somebody can carry out. The order of opinions and ballots
/// does not matter.
///
/// The topic of a number of today is the key of its metric; of another day it is followed by `@d<days>` or `@later`.
/// Conditions are `budget_cap:<money>`, `deadline:<day>`, `forbidden:<lever>`, `metric_min:<metric>:<value>`,
/// `metric_max:<metric>:<value>` (broken where it is rejected, to be kept where it is adopted), `tie:<one_way|cost>`,
/// `one_way_margin:<margin>`, `focus:<most>`, `excluded_by:<choice>`, `depends_on:<lever>` (which is not moved) and `requires:<lever>` (of
/// which nobody speaks).
pub fn decide(
    brief: &Brief,
    opinions: &[Opinion],
    conflicts: &[Conflict],
    choices: &[Choice],
    counted: &Counted,
    rounds: &[Round],
    focus: &Focus,
) -> (Vec<Decision>, Vec<Dissent>) {
    let mut standings: Vec<Standing> =
        choices.iter().map(|choice| alone(brief, choice, tally(counted, &choice.id))).collect();
    standings.sort_by(|a, b| natural(&a.choice.id).cmp(&natural(&b.choice.id)));
    exclude(&mut standings);
    fit(&mut standings, cap(brief), focus);
    let mut decisions: Vec<Decision> = standings.iter().map(|standing| decision(standing, counted)).collect();
    decisions.extend(agreed(brief, opinions, conflicts, rounds));
    (decisions, dissent(&standings, counted))
}

fn decision(standing: &Standing, counted: &Counted) -> Decision {
    let topic = &standing.choice.id;
    Decision {
        topic: topic.clone(),
        outcome: standing.outcome,
        method: standing.method,
        value: None,
        votes_for: standing.tally.approve,
        votes_against: standing.tally.reject,
        margin: standing.tally.margin,
        conditions: standing.conditions.clone(),
        confidence: standing.tally.confidence,
        conformity_flag: counted.conformity.iter().any(|(_, choice)| choice == topic),
    }
}
