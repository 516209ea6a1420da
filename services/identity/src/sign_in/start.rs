//! Sends a browser to a provider. Answers `StartSignIn`.

use super::{
    flow::{self, Beginning},
    oidc,
    provider::Provider,
};
use crate::{Error, Parts, input::Problems, session::outcome};
use proto::{Call, identity as pb};

/// How a sign-in shall end.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub(crate) redirect_to: &'a str,
    pub(crate) code_challenge: &'a str,
    /// What the browser was given before, if anything.
    pub(crate) browser: &'a str,
}

/// Errors: [`Error::NotFound`], `REFUSED_VALUE`, [`Error::Throttled`], [`Error::SignInFailed`].
pub(crate) async fn start(
    parts: &Parts,
    call: &Call,
    request: pb::StartSignInRequest,
) -> Result<pb::StartSignInResponse, Error> {
    let provider = parts.providers.find(&request.provider)?;
    let wanted = Wanted {
        redirect_to: &request.redirect_to,
        code_challenge: &request.code_challenge,
        browser: &request.browser,
    };
    wanted.check(parts)?;
    // Each leaves a row for ten minutes.
    parts.throttle.admit_sign_in(call.client).await?;
    let (authorization_url, browser) = send(parts, &provider, wanted).await?;
    Ok(pb::StartSignInResponse { authorization_url, browser })
}

impl Wanted<'_> {
    /// Errors: `INVALID_ARGUMENT`, `REFUSED_VALUE`.
    pub(crate) fn check(self, parts: &Parts) -> Result<(), Error> {
        let mut problems = Problems::default();
        if !self.redirect_to.is_empty() && !parts.providers.may_lead_to(self.redirect_to) {
            // Whoever could choose the page could have the code sent to theirs.
            problems.refused(
                "redirect_to",
                "must be one of identity.oidc_redirects of the configuration, letter for letter",
            );
        }
        if !self.code_challenge.is_empty() && !flow::is_secret(self.code_challenge) {
            problems.refused("code_challenge", "must be the SHA-256 of the verifier in base64url: 43 characters");
        }
        if !self.code_challenge.is_empty() && self.redirect_to.is_empty() {
            // A code that is shown must be good in this browser only: else whoever sends somebody here with a challenge of their
            // own could talk them into reading it out.
            problems.missing(
                "redirect_to",
                "is required with code_challenge: a code that is shown works in its browser only",
            );
        }
        problems.none()
    }
}

/// The provider's address for a browser, and what the browser keeps. Errors: [`Error::SignInFailed`].
pub(crate) async fn send(parts: &Parts, provider: &Provider, wanted: Wanted<'_>) -> Result<(String, String), Error> {
    let question = oidc::ask(provider, &parts.providers.http).await.map_err(|failed| {
        let error = failed.of(provider);
        outcome::failed_at_provider(&error);
        error
    })?;
    let browser = flow::browser(wanted.browser);
    let beginning = Beginning {
        provider: &provider.name,
        state: &question.state,
        browser: &browser,
        challenge: Some(wanted.code_challenge).filter(|text| !text.is_empty()),
        redirect_to: Some(wanted.redirect_to).filter(|text| !text.is_empty()),
        secrets: &question.secrets,
    };
    flow::begin(parts, &beginning).await?;
    Ok((question.url, browser))
}
