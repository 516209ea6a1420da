//! Which conflict comes first, and what is it called?

use crate::domain::conflict::Conflict;
use std::cmp::Ordering;

/// What rules and a judge found, as one list: sorted again, and numbered again.
pub fn merge(rules: Vec<Conflict>, judged: Vec<Conflict>) -> Vec<Conflict> {
    rank(rules.into_iter().chain(judged).collect())
}

/// The gravest first, numbered from `k1`.
pub(super) fn rank(mut conflicts: Vec<Conflict>) -> Vec<Conflict> {
    conflicts.sort_by(order);
    for (n, conflict) in conflicts.iter_mut().enumerate() {
        conflict.id = format!("k{}", n + 1);
    }
    conflicts
}

/// By gravity, then by what does not depend on where they come from.
pub(crate) fn order(a: &Conflict, b: &Conflict) -> Ordering {
    let grave = b.severity.cmp(&a.severity).then(b.score.total_cmp(&a.score));
    let rest = |c: &Conflict| (c.kind, c.topic.clone(), c.parties.clone(), c.detector.clone());
    grave.then_with(|| rest(a).cmp(&rest(b)))
}
