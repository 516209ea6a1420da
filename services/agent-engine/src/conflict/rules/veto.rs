//! Is something that cannot be taken back proposed against one without whom nothing is decided?

use super::{Finding, Said, Table, score_of};
use crate::{
    choice::side::{excludes, opposite},
    domain::{
        conflict::Kind,
        opinion::{Direction, Priority, Recommendation, Reversibility, Stance},
    },
};

/// One finding of each lever.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let of_lever = |lever: &str| {
        let members: Vec<_> = table.recommendations.iter().filter(|said| said.item.lever == lever).collect();
        let clash = |a: &Said<_>, b: &Said<_>| (stops(a, b) || stops(b, a)).then(|| score_of(1.0, &[a, b]));
        Finding::of_all(Kind::ReversibilityVeto, lever, &members, clash)
    };
    table.levers().into_iter().filter_map(of_lever).collect()
}

/// Whether the author of `by` stands against `of`.
fn stops(by: &Said<Recommendation>, of: &Said<Recommendation>) -> bool {
    let final_step = of.item.reversibility == Reversibility::OneWay && of.item.priority != Priority::Wont;
    if !final_step || !by.role.is_mandatory() {
        return false;
    }
    let (theirs, own) = (of.item.direction, by.item.direction);
    if by.item.priority == Priority::Wont {
        // Who will not go the other way agrees.
        return !excludes(theirs, own);
    }
    let brakes = matches!(own, Direction::Stop | Direction::Keep | Direction::Decrease);
    opposite(theirs, own) || (by.stance == Stance::Oppose && brakes && excludes(theirs, own))
}
