//! What goes wrong at a provider.

use super::provider::Provider;
use crate::Error;

/// Characters of a line in the log.
const MOST: usize = 300;

/// Why a provider's part of a sign-in failed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It does not answer.
    #[error("{0}")]
    Away(String),
    /// What it answers does not hold.
    #[error("{0}")]
    Wrong(String),
    /// It does not take the code: it was made up, used before, or is too old.
    #[error("the code was not taken: invalid_grant")]
    CodeRefused,
    /// The ID token is signed by a key that its description does not have.
    #[error("the ID token names a key that the provider does not publish")]
    UnknownKey,
}

impl Failed {
    /// What the person is told. What is wrong with the answer is for the operator, and logged here, once.
    pub(super) fn of(self, provider: &Provider) -> Error {
        let why = short(&self.to_string());
        tracing::warn!(provider = provider.name, why, "a sign-in failed at its provider");
        if matches!(self, Self::CodeRefused) {
            return Error::SignInRefused(format!("{} does not take the code: begin again", provider.label));
        }
        Error::SignInFailed { provider: provider.label.clone(), is_away: matches!(self, Self::Away(_)) }
    }
}

/// Of what a provider wrote no more goes into the log than a person reads, and nothing that is no text.
pub(super) fn short(why: &str) -> String {
    why.chars().filter(|c| !c.is_control()).take(MOST).collect()
}

/// An error code of OAuth 2.0, if it looks like one.
pub(super) fn word(error: &str) -> &str {
    let is_word = !error.is_empty() && error.len() <= 64 && error.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    if is_word { error } else { "an error that is no word" }
}

/// Where JSON cannot be read, and nothing of what it says: there may be tokens in it.
pub(super) fn place(why: &serde_json::Error) -> String {
    format!("{:?} at line {}, column {}", why.classify(), why.line(), why.column())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_writes_little_into_our_log() {
        assert_eq!(short(&"x\u{1b}[31m\n".repeat(1000)).chars().count(), MOST);
        assert!(!short("a\nb\u{1b}c").contains(['\n', '\u{1b}']));
        assert_eq!(word("invalid_client"), "invalid_client");
        assert!(!word("Secret: hunter2").contains("hunter2") && !word(&"a".repeat(65)).contains("aaa"));
        let why = serde_json::from_str::<u64>("\n\"hunter2\"").expect_err("no number");
        assert!(place(&why).contains("line 2") && !place(&why).contains("hunter2"), "{}", place(&why));
    }
}
