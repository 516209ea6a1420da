//! Puts a finished analysis together: the one report that every export is made from. Pure: the same parts, the same report.
//!
//! Models write words only. Numbers are put in by code out of cells, and a sentence with a number that is no cell is taken
//! out. Where a model wrote nothing, or in another language, code writes plain paragraphs of its own.

mod actions;
mod cells;
mod condition;
mod format;
mod headline;
mod plain;
mod quote;
mod report;
mod risks;
pub(crate) mod topic;

pub use actions::actions;
pub use cells::cells;
pub use headline::headline;
pub use report::{Parts, Wording, report};
pub use risks::risks;

use crate::domain::{locale::Locale, meeting::Meeting};

/// A condition of a decision by itself: what it keeps to where it `holds`, or else what stood in the way. Empty: it says
/// nothing to people.
pub fn condition(code: &str, holds: bool, meeting: &Meeting, (locale, currency): (Locale, &str)) -> String {
    topic::raised(&condition::condition(code, holds, meeting, format::Style { locale, currency }))
}

#[cfg(test)]
mod sample;
