//! Where opinions cannot all be right: found by rules, and by a judge where rules cannot decide.

mod finding;
pub(crate) mod gap;
pub mod judge;
pub(crate) mod measure;
pub mod pairs;
pub(crate) mod rank;
mod rules;
pub mod severity;
pub(crate) mod table;

#[cfg(test)]
mod planted;
#[cfg(test)]
mod tests;

pub use judge::{Judgement, Verdict, judged};
pub use pairs::{Pair, pairs};
pub use rank::merge;

use crate::domain::{brief::Brief, conflict::Conflict, opinion::Opinion};

/// Every conflict that rules can find, the gravest first. No model is asked. The order of the opinions does not matter.
pub fn detect(brief: &Brief, opinions: &[Opinion]) -> Vec<Conflict> {
    let table = table::Table::new(brief, opinions);
    let found = rules::ALL.iter().flat_map(|rule| rule(&table));
    rank::rank(found.map(finding::Finding::conflict).collect())
}
