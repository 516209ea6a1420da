//! How is it decided? By code: votes are counted, limits are kept, ties are broken, and who is against it is written down.

mod alone;
pub mod count;
mod decide;
mod dissent;
mod exclusive;
mod metric;
mod room;
mod settle;
mod standing;
mod table;
mod tally;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use count::count;
pub use decide::decide;
pub use room::Focus;
#[cfg(test)]
pub(crate) use room::everything;
pub use settle::settle;
pub use table::table;
