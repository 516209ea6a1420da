//! What is talked about?

use super::settle::author;
use crate::{
    conflict::rank::order,
    domain::conflict::{Conflict, Severity},
};

/// The conflicts that are grave enough and that have two sides, the gravest first, at most `most`: their ids.
pub fn table(conflicts: &[Conflict], most: usize) -> Vec<String> {
    let two_sides = |conflict: &Conflict| {
        let mut authors = conflict.parties.iter().filter_map(|party| author(party));
        let first = authors.next();
        authors.any(|other| Some(other) != first)
    };
    // What only one agent says has nobody to talk to; code looks after it.
    let grave = |conflict: &&Conflict| conflict.severity >= Severity::Medium && two_sides(conflict);
    let mut tabled: Vec<&Conflict> = conflicts.iter().filter(grave).collect();
    tabled.sort_by(|a, b| order(a, b));
    tabled.into_iter().take(most).map(|conflict| conflict.id.clone()).collect()
}
