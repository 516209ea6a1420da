//! May this be an amount of money?

use super::is_currency;
use crate::{Error, error::refused};

/// In smallest units: more than any invoice, and far from what a sum could overflow.
pub(crate) const MAX_AMOUNT: i64 = 1_000_000_000_000;

/// Something that is paid: more than nothing. Errors: [`Error::Refused`].
pub(crate) fn check(currency: &str, amount: i64) -> Result<(), Error> {
    if !is_currency(currency) {
        return Err(refused("currency", "must be an ISO 4217 code in capital letters, such as BRL"));
    }
    if !(1..=MAX_AMOUNT).contains(&amount) {
        return Err(refused("amount", "must be 1 to 1000000000000, in the smallest unit of the currency"));
    }
    Ok(())
}
