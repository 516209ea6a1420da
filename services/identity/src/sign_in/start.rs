//! Sends a browser to a provider. Answers `StartSignIn`.

use super::{
    flow::{self, Beginning},
    oidc,
};
use crate::{Error, Parts, input::Problems, session::outcome};
use proto::{Call, identity as pb};

/// Errors: [`Error::NotFound`], `REFUSED_VALUE`, [`Error::Throttled`], [`Error::SignInFailed`].
pub(crate) async fn start(
    parts: &Parts,
    call: &Call,
    request: pb::StartSignInRequest,
) -> Result<pb::StartSignInResponse, Error> {
    let provider = parts.providers.find(&request.provider)?;
    let some = |text: &'static str, given: &String| (!given.is_empty()).then(|| (text, given.clone()));
    let mut problems = Problems::default();
    if let Some((field, page)) = some("redirect_to", &request.redirect_to)
        && !parts.providers.may_lead_to(&page)
    {
        // Whoever could choose the page could have the code sent to theirs.
        problems.refused(field, "must be one of identity.oidc_redirects of the configuration, letter for letter");
    }
    if let Some((field, challenge)) = some("code_challenge", &request.code_challenge)
        && !flow::is_secret(&challenge)
    {
        problems.refused(field, "must be the SHA-256 of the verifier in base64url: 43 characters");
    }
    if !request.code_challenge.is_empty() && request.redirect_to.is_empty() {
        // A code that is shown must be good in this browser only: else whoever sends somebody here with a challenge of their
        // own could talk them into reading it out.
        problems
            .missing("redirect_to", "is required with code_challenge: a code that is shown works in its browser only");
    }
    problems.none()?;
    // Each leaves a row for ten minutes.
    parts.throttle.admit_sign_in(call.client).await?;
    let question = oidc::ask(provider, &parts.providers.http).await.map_err(|failed| {
        let error = failed.of(provider);
        outcome::failed_at_provider(&error);
        error
    })?;
    let browser = flow::browser(&request.browser);
    let beginning = Beginning {
        provider: &provider.name,
        state: &question.state,
        browser: &browser,
        challenge: Some(request.code_challenge.as_str()).filter(|text| !text.is_empty()),
        redirect_to: Some(request.redirect_to.as_str()).filter(|text| !text.is_empty()),
        secrets: &question.secrets,
    };
    flow::begin(parts, &beginning).await?;
    Ok(pb::StartSignInResponse { authorization_url: question.url, browser })
}
