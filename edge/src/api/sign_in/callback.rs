//! Where a provider sends a browser back to.

use super::{cookie::Browser, page};
use crate::{
    app::Shared,
    auth::Anyone,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::Query,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use proto::{Call, Failure, identity::FinishSignInRequest};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What a provider answers. It may add what it likes: other parameters are not refused.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Callback {
    /// As it was sent to the provider.
    state: Option<String>,
    /// The provider's own.
    code: Option<String>,
    /// In the place of a code (RFC 6749, section 4.1.2.1).
    error: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

/// What a sign-in ended with, where it leads to no page.
#[derive(Serialize, ToSchema)]
pub(crate) struct SignInCode {
    /// For `POST /auth/oauth/exchange` or `POST /me/identities`, once.
    #[schema(example = "si_2Jm4…")]
    code: String,
    /// Seconds for which it is good.
    #[schema(example = 60)]
    expires_in: i32,
}

/// Come back from a provider. Register this address there; nobody else calls it. The browser is led to the page that the
/// sign-in named, with a code of ours (never with tokens) or with `error`, the code of a problem. Where it named none, it is
/// shown a page, or JSON if it asks for that.
#[utoipa::path(get, path = "/auth/oauth/{provider}/callback", tag = "Account", security(()),
    params(("provider" = String, Path, description = "As `GET /auth/oauth` names it"), Callback),
    responses((status = 200, description = "The code, where no page was named",
            content((SignInCode = "application/json"), (String = "text/html"))),
        (status = 303, description = "The page that was named",
            headers(("Location" = String, description = "With `code` or `error`"))),
        (status = 401, description = "The state is of another browser, was used before, or is too old"),
        (status = 403, description = "The provider did not let the person in"),
        (status = 502, description = "The provider does not answer, or its answer does not hold")))]
pub(crate) async fn finish_sign_in(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Target(provider): Target<String>,
    headers: HeaderMap,
    Query(query): Query<Callback>,
    Browser(browser): Browser,
) -> Result<Response> {
    finish(&app, &call, query.into_request(provider, String::new(), browser), &headers).await
}

impl Callback {
    /// By a provider of the installation, or by that of a workspace: the other one is empty.
    pub(crate) fn into_request(self, provider: String, workspace_id: String, browser: String) -> FinishSignInRequest {
        FinishSignInRequest {
            provider,
            state: self.state.unwrap_or_default(),
            code: self.code.unwrap_or_default(),
            error: self.error.unwrap_or_default(),
            issuer: self.iss.unwrap_or_default(),
            browser,
            workspace_id,
        }
    }
}

/// Leads the browser on.
pub(crate) async fn finish(
    app: &Shared,
    call: &Call,
    request: FinishSignInRequest,
    headers: &HeaderMap,
) -> Result<Response> {
    let wants_page = wants_page(headers);
    let done = match app.services.identity.finish_sign_in(call, request).await {
        Ok(done) => done,
        Err(status) if wants_page => return Ok(page::failed(&Failure::from(&status), headers)),
        Err(status) => return Err(status.into()),
    };
    if !done.location.is_empty() {
        let location = HeaderValue::try_from(done.location).map_err(|_| Error::incomplete("the page"))?;
        return Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response());
    }
    if wants_page {
        return Ok(page::done(&done.code, headers));
    }
    Ok(Json(SignInCode { code: done.code, expires_in: done.expires_in }).into_response())
}

/// Whether a person looks at it.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|text| text.contains("text/html"))
}
