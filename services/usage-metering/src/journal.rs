//! What has been admitted and settled, as the operating system knows it?
//!
//! The embedded mode's durability: an append-only journal under `<data directory>/ledger/`. What it holds outlives a
//! killed process; it is folded into SQL within 250 ms; of the files that are folded the newest few stay.

mod append;
mod record;
mod recover;
mod segment;
#[cfg(test)]
mod tests;

pub(crate) use append::Journal;
pub(crate) use recover::{Recovered, recover};
