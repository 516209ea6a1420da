//! Is something the first thing to do for one, and not to be done for another?

use super::{Finding, Said, Table, score_of};
use crate::{
    choice::side::excludes,
    domain::{
        conflict::Kind,
        opinion::{Priority, Recommendation},
    },
};

/// One finding of each lever.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let of_lever = |lever: &str| {
        let members: Vec<_> = table.recommendations.iter().filter(|said| said.item.lever == lever).collect();
        let clash = |a: &Said<_>, b: &Said<_>| denied(a.item, b.item).then(|| score_of(1.0, &[a, b]));
        Finding::of_all(Kind::PriorityConflict, lever, &members, clash)
    };
    table.levers().into_iter().filter_map(of_lever).collect()
}

/// Who will not go the other way agrees.
fn denied(a: &Recommendation, b: &Recommendation) -> bool {
    let priorities = (a.priority.min(b.priority), a.priority.max(b.priority));
    priorities == (Priority::Must, Priority::Wont) && !excludes(a.direction, b.direction)
}
