//! Where a browser is sent to sign in.

use super::cookie::{self, Browser};
use crate::{
    app::Shared,
    auth::Anyone,
    error::{Error, Result},
    path::Target,
    query::Query,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderValue, StatusCode, header};
use proto::identity::StartSignInRequest;
use serde::Deserialize;
use utoipa::IntoParams;

/// How the sign-in shall end.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    /// The page to which the browser is led at the end, with `code` or `error` as a parameter. One of
    /// `identity.oidc_redirects`, letter for letter. Without it the code is shown.
    redirect_to: Option<String>,
    /// base64url(SHA-256) of a secret that the client keeps (PKCE, S256): the code is good for who shows that secret. Without
    /// it the code is good in this browser only. Needs `redirect_to`: such a code is never shown. Clients on another origin, and those that are no browser, need it.
    code_challenge: Option<String>,
}

/// Sign in with an account elsewhere: a browser opens this address, and is sent to the provider.
#[utoipa::path(get, path = "/auth/oauth/{provider}/start", tag = "Account", security(()),
    params(("provider" = String, Path, description = "As `GET /auth/oauth` names it"), Start),
    responses((status = 302, description = "Where the person says who they are",
            headers(("Location" = String, description = "An address of the provider's"),
                ("Set-Cookie" = String, description = "Ties the sign-in to this browser, for ten minutes"))),
        (status = 404, description = "No such provider"),
        (status = 422, description = "A page that is not on the list"),
        (status = 502, description = "The provider does not answer")))]
pub(crate) async fn start_sign_in(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Target(provider): Target<String>,
    Query(query): Query<Start>,
    Browser(browser): Browser,
) -> Result<Response> {
    let (redirect_to, code_challenge) =
        (query.redirect_to.unwrap_or_default(), query.code_challenge.unwrap_or_default());
    let request = StartSignInRequest { provider, redirect_to, code_challenge, browser };
    let begun = app.services.identity.start_sign_in(&call, request).await?;
    let location = HeaderValue::try_from(begun.authorization_url);
    let location = location.map_err(|_| Error::incomplete("the provider's address"))?;
    let headers = [(header::LOCATION, location), (header::SET_COOKIE, cookie::set(&begun.browser)?)];
    Ok((StatusCode::FOUND, headers).into_response())
}
