//! Takes what a provider answered. Answers `FinishSignIn`.

use super::{
    Person,
    flow::{self, Returned},
    oidc,
    provider::Provider,
};
use crate::{Error, Parts, session::outcome, sso};
use proto::{Call, Failure, identity as pb};
use tonic::Status;
use url::Url;

/// Errors: [`Error::SignInInvalid`], [`Error::Throttled`]; where no page was asked for also [`Error::SignInFailed`] and [`Error::SignInRefused`],
/// which else lead to that page as `error`.
pub(crate) async fn finish(
    parts: &Parts,
    call: &Call,
    request: pb::FinishSignInRequest,
) -> Result<pb::FinishSignInResponse, Error> {
    let provider = match request.workspace_id.as_str() {
        "" => parts.providers.find(&request.provider)?,
        workspace => sso::provider::of_id(parts, workspace.parse().map_err(|_| Error::SignInInvalid)?).await?,
    };
    let provider = &*provider;
    // It counts as a failure until it has not failed: each has our secret sent to the provider.
    let attempt = parts.throttle.admit_callback(call.client).await?;
    let Returned { id, redirect_to, secrets } =
        flow::take(parts, &provider.name, &request.state, &request.browser).await?;
    let outcome = match person(parts, provider, &request, secrets).await {
        Ok(person) => flow::hold(parts, id, &person).await,
        Err(error) => Err(error),
    };
    if let (Ok(_), Some(attempt)) = (&outcome, attempt) {
        attempt.unjudged().await;
    }
    let (error, page) = match (outcome, redirect_to) {
        (Ok(code), None) => return Ok(done(code, String::new())),
        (Ok(code), Some(page)) => {
            let location = with(&page, "code", &code)?;
            return Ok(done(code, location));
        }
        (Err(error), page) => (error, page),
    };
    outcome::failed_at_provider(&error);
    flow::forget(parts, id).await?;
    let Some(page) = page else { return Err(error) };
    let reason = Failure::from(&Status::from(error)).reason;
    Ok(pb::FinishSignInResponse { location: with(&page, "error", reason.as_str())?, ..Default::default() })
}

/// Whom the provider names, if they may come in by it.
async fn person(
    parts: &Parts,
    provider: &Provider,
    request: &pb::FinishSignInRequest,
    secrets: oidc::Secrets,
) -> Result<Person, Error> {
    if !request.error.is_empty() || request.code.is_empty() {
        return Err(refusal(provider, &request.error));
    }
    let (http, now) = (&parts.providers.http, parts.clock.now());
    // It holds requests and answers of several calls.
    let answer = Box::pin(oidc::answer(provider, http, request.code.clone(), &request.issuer, secrets, now)).await;
    let person = answer.map_err(|failed| failed.of(provider))?;
    if !provider.takes(person.proven()) {
        let why = format!(
            "only people with an address of certain domains, for which the provider answers, come in by {}",
            provider.label
        );
        return Err(Error::SignInRefused(why));
    }
    Ok(person)
}

/// What RFC 6749, section 4.1.2.1, has in the place of a code.
fn refusal(provider: &Provider, error: &str) -> Error {
    if matches!(error, "server_error" | "temporarily_unavailable") {
        return Error::SignInFailed { provider: provider.label.clone(), is_away: true };
    }
    let is_word = !error.is_empty() && error.len() <= 64 && error.bytes().all(|c| c.is_ascii_lowercase() || c == b'_');
    let error = if is_word { error } else { "no code" };
    Error::SignInRefused(format!("{} did not let the person in ({error}): begin again", provider.label))
}

fn done(code: String, location: String) -> pb::FinishSignInResponse {
    let expires_in = i32::try_from(flow::BACK.num_seconds()).unwrap_or_default();
    pb::FinishSignInResponse { location, code, expires_in }
}

/// A page with another parameter. It was checked when it was configured, and again when the sign-in began.
fn with(page: &str, name: &str, value: &str) -> Result<String, Error> {
    let mut url = Url::parse(page).map_err(|why| Error::Internal(format!("a page of a sign-in: {why}")))?;
    url.query_pairs_mut().append_pair(name, value);
    Ok(url.into())
}
