//! What goes wrong at a provider.

use super::provider::Provider;
use crate::Error;

/// Why a provider's part of a sign-in failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    /// It does not answer.
    #[error("{0}")]
    Away(String),
    /// What it answers does not hold.
    #[error("{0}")]
    Wrong(String),
    /// The ID token is signed by a key that its description does not have.
    #[error("the ID token names a key that the provider does not publish")]
    UnknownKey,
}

impl Failed {
    /// What the person is told. What is wrong with the answer is for the operator, and logged here, once.
    pub(super) fn of(self, provider: &Provider) -> Error {
        let why = self.to_string();
        tracing::warn!(provider = provider.name, why, "a sign-in failed at its provider");
        Error::SignInFailed { provider: provider.label.clone(), is_away: matches!(self, Self::Away(_)) }
    }
}
