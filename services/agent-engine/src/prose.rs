//! Prose that a model wrote: which language it is, which numbers are in it and whether they are those of the analysis, and
//! what of it is fit to print.

mod clean;
mod fill;
mod language;
mod letters;
mod line;
mod markup;
mod number;
mod numeral;
mod orphan;
mod sentence;
mod token;
mod unit;

pub use clean::{MAX_CHARS, clean};
pub use fill::fill;
pub use language::speaks;
pub use orphan::orphans;

pub(crate) use letters::plain;
pub(crate) use line::{cut, line};
