//! Signing in with an account elsewhere: OpenID Connect, and GitHub.

pub(crate) mod callback;
pub(crate) mod cookie;
mod page;
pub(crate) mod start;

use super::{passkey, session::SessionBody};
use crate::{app::Shared, auth::Anyone, error::Result, json::Json};
use axum::extract::State;
pub(crate) use cookie::Browser;
use http::{HeaderMap, header};
use proto::identity::{ExchangeSignInRequest, ListSignInProvidersRequest, SignInProvider};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whose accounts are taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInProviders {
    data: Vec<SignInProviderBody>,
}

/// Somebody whose accounts are taken.
#[derive(Serialize, ToSchema)]
#[schema(as = SignInProvider)]
pub(crate) struct SignInProviderBody {
    /// As paths have it.
    #[schema(example = "google")]
    name: String,
    /// For people.
    #[schema(example = "Google")]
    label: String,
    /// Where a browser goes to sign in by it.
    #[schema(example = "/api/v1/auth/oauth/google/start")]
    start: String,
}

/// What a sign-in ended with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "si_2Jm4…", "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"}))]
pub(crate) struct Exchange {
    /// Good once and for a minute.
    code: String,
    /// The secret whose `code_challenge` the sign-in began with. Without one, the cookie of the browser that began counts.
    code_verifier: Option<String>,
    /// For accounts with a second factor: what the authenticator app shows, or a recovery code. Without it the answer is
    /// `MFA_REQUIRED`, and the code stays good for five minutes.
    totp: Option<String>,
    /// Or a passkey: `AuthenticationResponseJSON` for the options of `/auth/passkey/options`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Map<String, Value>>,
    /// Where sign-ups need one, for somebody who has no account yet: what an invitation of this address holds.
    invitation: Option<String>,
}

/// List whose accounts are taken beside our own, for a page to log in.
#[utoipa::path(get, path = "/auth/oauth", tag = "Account", security(()),
    responses((status = 200, description = "In the order of the configuration", body = SignInProviders)))]
pub(crate) async fn list_sign_in_providers(
    State(app): State<Shared>,
    Anyone(call): Anyone,
) -> Result<Json<SignInProviders>> {
    let listed = app.services.identity.list_sign_in_providers(&call, ListSignInProvidersRequest {}).await?;
    Ok(Json(SignInProviders { data: listed.providers.into_iter().map(SignInProviderBody::from).collect() }))
}

/// Open a session with the code that a sign-in ended with. Somebody who has no account gets one, if they may sign up and the
/// provider vouches for their address.
#[utoipa::path(post, path = "/auth/oauth/exchange", tag = "Account", security(()), request_body = Exchange,
    responses((status = 200, description = "The session", body = SessionBody),
        (status = 401, description = "The code was used before, is too old or belongs to another browser; or the code of the second factor is wrong or missing"),
        (status = 403, description = "The account is disabled, or not everybody may sign up here"),
        (status = 409, description = "Log in another way first, and link the provider: nothing proves whose account it is")))]
pub(crate) async fn exchange_sign_in(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    browser: Browser,
    headers: HeaderMap,
    Json(body): Json<Exchange>,
) -> Result<Json<SessionBody>> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = ExchangeSignInRequest {
        code: body.code,
        code_verifier: body.code_verifier.unwrap_or_default(),
        browser: browser.0,
        totp: body.totp.unwrap_or_default(),
        invitation: body.invitation.unwrap_or_default(),
        accept_language: accepted.to_owned(),
        passkey: passkey::shown(body.passkey),
    };
    let opened = app.services.identity.exchange_sign_in(&call, request).await?;
    SessionBody::new(opened.user, opened.workspace, opened.tokens).map(Json)
}

impl From<SignInProvider> for SignInProviderBody {
    fn from(provider: SignInProvider) -> Self {
        let start = format!("/api/v1/auth/oauth/{}/start", provider.name);
        Self { name: provider.name, label: provider.label, start }
    }
}
