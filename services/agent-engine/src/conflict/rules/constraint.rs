//! Does a recommendation break a constraint by itself?

use super::{Finding, Table, score_of};
use crate::{choice::limits::broken, domain::conflict::Kind};

/// One finding of each recommendation.
pub(super) fn find(table: &Table) -> Vec<Finding> {
    let breaking = table.proposals().filter(|said| !broken(table.brief, &said.item.into()).is_empty());
    let found = breaking
        .map(|said| Finding::new(Kind::ConstraintViolation, &said.item.lever, score_of(1.0, &[said])).with(said));
    found.collect()
}
