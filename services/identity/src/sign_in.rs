//! Signing in with an account that a person has elsewhere: OpenID Connect (code flow with PKCE), and GitHub.
//!
//! A browser is sent to the provider (`start`), comes back with a code of the provider's (`finish`), and whoever sent it
//! there gets a code of ours, which buys a session (`exchange`) or links the account elsewhere with one here
//! ([`crate::linked`]). Until then nothing is made or changed: no account, no link, no session.
//!
//! Who somebody is is what (issuer, subject) says, and nothing else. An address only makes a link the first time, and only
//! if the provider vouches for it and we know it, too.

pub(crate) mod account;
mod away;
mod claims;
pub(crate) mod discovery;
pub(crate) mod exchange;
pub(crate) mod finish;
pub(crate) mod flow;
mod github;
pub(crate) mod http;
pub(crate) mod list;
mod oidc;
pub(crate) mod preset;
pub(crate) mod provider;
pub(crate) mod start;
mod verify;

use serde::{Deserialize, Serialize};

/// Whom a provider named. Sealed while it waits for its code to be exchanged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Person {
    /// Who says so.
    pub(crate) issuer: String,
    /// Whom they mean: the same text for the same person, for ever.
    pub(crate) subject: String,
    /// In its normal form.
    pub(crate) email: Option<String>,
    /// Whether the provider says that the person reads that address.
    pub(crate) is_verified: bool,
    /// Whether the provider is who gives such addresses out, and says so: good enough to open an account that is there
    /// already, and to count as somebody of that domain.
    pub(crate) is_authority: bool,
    /// Their name; empty: none was told.
    pub(crate) name: String,
}

/// Whether a provider describes itself so that somebody could sign in by it. Errors: [`crate::Error::SignInFailed`] where it does not
/// answer, `REFUSED_VALUE` for a description that does not hold.
pub(crate) async fn answers(provider: &provider::Provider, parts: &crate::Parts) -> Result<(), crate::Error> {
    match oidc::ask(provider, &parts.providers.http).await {
        Ok(_) => Ok(()),
        Err(failed @ away::Failed::Away(_)) => Err(failed.of(provider)),
        Err(failed) => {
            let mut problems = crate::input::Problems::default();
            problems.refused("issuer", format!("cannot be used: {}", away::short(&failed.to_string())));
            problems.none()
        }
    }
}

impl Person {
    /// The address, if the provider says that the person reads it.
    pub(crate) fn confirmed(&self) -> Option<&str> {
        self.email.as_deref().filter(|_| self.is_verified)
    }

    /// The same, if the provider is also who gives it out: as good as having asked them ourselves.
    pub(crate) fn proven(&self) -> Option<&str> {
        self.confirmed().filter(|_| self.is_authority)
    }
}
