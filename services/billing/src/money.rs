//! Money and time, as numbers only: whole smallest units of a currency, and periods of a calendar.

mod check;
mod currency;
mod period;
mod round;
mod split;
mod tax;

pub(crate) use check::{MAX_AMOUNT, check};
pub(crate) use currency::{digits, is_currency};
pub(crate) use period::{Anchor, Interval};
pub(crate) use round::half_even;
pub(crate) use split::{part, split};
pub(crate) use tax::Rate;
