//! Which passwords are accepted: length, not among the common ones, not the address itself. No rules of composition:
//! they make passwords worse (NIST SP 800-63B).

use super::common::is_common;
use crate::Error;

const MIN_CHARS: usize = 8;
/// More than any passphrase, and little enough to hash.
pub(crate) const MAX_BYTES: usize = 1024;

/// Refuses a password for the account of `email`. Errors: [`Error::WeakPassword`].
pub(crate) fn check(password: &str, email: &str) -> Result<(), Error> {
    let why = if password.chars().count() < MIN_CHARS {
        "the password is too short: use at least 8 characters"
    } else if password.len() > MAX_BYTES {
        "the password is too long: use at most 1024 bytes"
    } else if password.to_lowercase() == email {
        "the password is the e-mail address: use something that nobody else knows"
    } else if is_common(password) {
        "the password is among the most common ones: a few random words are easier to remember and harder to guess"
    } else {
        return Ok(());
    };
    Err(Error::WeakPassword(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_are_easy_to_guess_are_refused() {
        let email = "ana.maria@example.com";
        for weak in ["", "seven77", "PASSWORD123", "Ana.Maria@example.com", &"x".repeat(1025)] {
            assert!(matches!(check(weak, email), Err(Error::WeakPassword(_))), "{weak:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_any_script_will_do() {
        for good in ["correct horse", "пароль-мой", "ção não é", &"long ".repeat(200)] {
            assert!(check(good, "a@example.com").is_ok(), "{good:?}");
        }
    }
}
