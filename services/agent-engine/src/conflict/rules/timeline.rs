//! Does something begin before what it needs has ended?

use super::{Finding, Said, Table, score_of};
use crate::domain::{
    conflict::Kind,
    opinion::{Direction, Recommendation},
};

/// One finding of each recommendation and lever that it waits for.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let mut found = vec![];
    for waiting in table.proposals() {
        let mut levers: Vec<&str> = waiting.item.depends_on.iter().map(String::as_str).collect();
        levers.sort_unstable();
        levers.dedup();
        // What waits for itself would wait for ever; what is said of it by others is pooled with it.
        let levers = levers.into_iter().filter(|lever| *lever != waiting.item.lever);
        found.extend(levers.filter_map(|lever| early(table, waiting, lever)));
    }
    found
}

fn early(table: &Table, waiting: &Said<Recommendation>, lever: &str) -> Option<Finding> {
    let needed = table.proposals().filter(|said| said.item.lever == lever && said.item.direction != Direction::Keep);
    let late: Vec<_> = needed.filter(|said| said.item.end_day > waiting.item.start_day).collect();
    let score = late.iter().map(|said| {
        let (begins, ends) = (f64::from(waiting.item.start_day), f64::from(said.item.end_day));
        score_of((ends - begins) / ends, &[waiting, said])
    });
    let finding = Finding::new(Kind::TimelineClash, lever, score.max_by(f64::total_cmp)?).with(waiting);
    Some(late.into_iter().fold(finding, Finding::with))
}
