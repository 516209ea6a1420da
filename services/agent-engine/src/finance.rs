//! What does the decision do to the money, month by month? Computed from numbers that were given or agreed on; no model adds
//! anything up.

mod assumed;
mod course;
mod effect;
mod known;
mod sensitivity;
mod start;
mod total;
mod worth;

#[cfg(test)]
mod tests;

use crate::domain::{
    ballot::Choice,
    brief::Brief,
    depth::Depth,
    finance::{Scenario, Scenarios},
    meeting::{Decision, Outcome},
    opinion::Opinion,
};
pub use assumed::assumed;
use course::course;
use effect::{Act, Case};
pub use worth::worth;

/// The course of a company with what was adopted, and without it, over the months of the horizon (3 to 36). None where neither
/// what comes in nor what goes out can be had.
///
/// Numbers are taken from facts, then from what the meeting agreed on, then from what had to be assumed, then from the median of
/// what agents say, then from defaults; `start` says what is derived from what. Effects grow evenly from the first day of a
/// choice until they are all there; costs are spread evenly over its months. Effects on other metrics than those that `effect`
/// lists do nothing here. What comes in once (receivables, cash) is taken off the investment of its month, so that
/// `net = revenue − variable costs − fixed costs − investment` holds; borrowed money counts as cash, but neither for the payback
/// nor for the NPV.
pub fn scenarios(
    brief: &Brief,
    opinions: &[Opinion],
    choices: &[Choice],
    decisions: &[Decision],
    depth: Depth,
) -> Option<Scenarios> {
    let is_adopted = |choice: &&Choice| {
        decisions.iter().any(|decision| decision.topic == choice.id && decision.outcome == Outcome::Adopted)
    };
    let mut adopted: Vec<&Choice> = choices.iter().filter(is_adopted).collect();
    adopted.sort_by(|a, b| a.id.cmp(&b.id));
    let start = start::start(&known::Known::new(brief, opinions, decisions), &adopted)?;
    let acts: Vec<Act> = adopted.into_iter().map(|choice| Act::new(choice, &start)).collect();
    let months = brief.horizon_days.div_ceil(30).clamp(3, 36);
    let idle = course(&start, &[], months, Case::Base);
    let of = |case: Case| -> Scenario { total::scenario(&start, &course(&start, &acts, months, case), &idle) };
    let deep = depth == Depth::Deep;
    Some(Scenarios {
        base: of(Case::Base),
        optimistic: deep.then(|| of(Case::Best)),
        pessimistic: deep.then(|| of(Case::Worst)),
        unchanged: total::scenario(&start, &idle, &idle),
        sensitivity: if deep { sensitivity::sensitivity(&start, &acts, months) } else { vec![] },
        inputs: start.inputs,
    })
}
