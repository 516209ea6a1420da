//! What would become of a choice if there were no other?

use super::{standing::Standing, tally::Tally};
use crate::{
    choice::{limits::broken, number::middle},
    domain::{
        ballot::Choice,
        brief::Brief,
        meeting::{Method, Outcome},
        opinion::Reversibility,
        registry,
    },
};

/// What cannot be taken back against one who must be at the table needs this margin.
const FINAL: f64 = 0.5;
/// Of as many votes for it as against it, what costs no more than this part of the cash is tried.
const TRIED: f64 = 0.05;

/// Looks at limits first, then at votes.
pub(super) fn alone<'a>(brief: &Brief, choice: &'a Choice, tally: Tally) -> Standing<'a> {
    let conditions = broken(brief, &choice.into());
    let one_way = choice.reversibility == Reversibility::OneWay;
    let barred = !conditions.is_empty();
    let (outcome, method, conditions) = if barred {
        (Outcome::Rejected, Method::ChairRule, conditions)
    } else if tally.margin < 0.0 {
        (Outcome::Rejected, Method::Approval, vec![])
    } else if tally.margin == 0.0 {
        match objection(brief, choice) {
            None => (Outcome::Adopted, Method::ChairRule, vec![]),
            Some(why) => (Outcome::Rejected, Method::ChairRule, vec![format!("tie:{why}")]),
        }
    } else if one_way && tally.vetoed && tally.margin < FINAL {
        (Outcome::Rejected, Method::Approval, vec![format!("one_way_margin:{FINAL}")])
    } else {
        (Outcome::Adopted, Method::Approval, vec![])
    };
    Standing { choice, tally, outcome, method, conditions, barred }
}

/// Why something that as many are for as against is not tried.
fn objection(brief: &Brief, choice: &Choice) -> Option<&'static str> {
    let cost = middle(choice.cost);
    let cash = brief.fact("cash").and_then(|fact| {
        let metric = registry::metric("cash")?;
        Some(fact.value * metric.factor(&fact.unit, fact.period.as_deref(), &brief.currency)?)
    });
    let cheap = cost == 0.0 || cash.is_some_and(|cash| cost <= cash * TRIED);
    match choice.reversibility {
        Reversibility::OneWay => Some("one_way"),
        Reversibility::TwoWay => (!cheap).then_some("cost"),
    }
}
