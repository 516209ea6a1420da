//! The e-mail address that somebody sent.

use crate::{Error, input::Problems};
pub(crate) use mail::address::{check, normal};

/// An address that somebody sent, in its [`normal`] form. Errors: `INVALID_ARGUMENT` without one, `REFUSED_VALUE` for
/// what is none.
pub(crate) fn read(text: &str) -> Result<String, Error> {
    let mut problems = Problems::default();
    let address = normal(text);
    if address.is_empty() {
        problems.missing("email", "is required");
    } else if let Err(problem) = check(&address) {
        problems.refused("email", problem);
    }
    problems.none()?;
    Ok(address)
}
