//! Money and time, as numbers only: whole smallest units of a currency, and periods of a calendar.

mod period;
mod split;

pub(crate) use period::{Anchor, Interval};
pub(crate) use split::part;
