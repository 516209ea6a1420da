//! Is the same lever to be moved both ways?

use super::{Finding, Said, Table, score_of};
use crate::{
    choice::side::{excludes, opposite},
    domain::{
        conflict::Kind,
        opinion::{Priority, Recommendation},
    },
};

/// One finding of each lever.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let of_lever = |lever: &str| {
        let members: Vec<_> = table.proposals().filter(|said| said.item.lever == lever).collect();
        let clash = |a: &Said<_>, b: &Said<_>| opposed(a.item, b.item).then(|| score_of(1.0, &[a, b]));
        Finding::of_all(Kind::DirectionOpposition, lever, &members, clash)
    };
    table.levers().into_iter().filter_map(of_lever).collect()
}

/// To leave something as it is and to move it a little are no quarrel, unless both mean it.
fn opposed(a: &Recommendation, b: &Recommendation) -> bool {
    let meant = a.priority <= Priority::Should && b.priority <= Priority::Should;
    opposite(a.direction, b.direction) || (meant && excludes(a.direction, b.direction))
}
