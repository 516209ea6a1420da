//! Signing up, in and out.

use super::{links::Sent, me::consents::ConsentGiven, passkey, session::SessionBody};
use crate::{
    app::Shared,
    auth::{Anyone, Caller, Perhaps},
    error::Result,
    json::Json,
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, StatusCode, header};
use proto::{
    Reason,
    identity::{LoginRequest, LogoutRequest, RefreshRequest, SignUpRequest, SwitchWorkspaceRequest},
};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A new account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@example.com", "password": "correct horse battery", "name": "Ana Souza"}))]
pub(crate) struct SignUp {
    email: String,
    /// At least 8 characters, none of the most common passwords, and not easy to guess.
    password: String,
    name: String,
    /// Name of the first workspace. Default: "<name>'s workspace".
    workspace_name: Option<String>,
    /// Where sign-ups need one: what an invitation of this address holds, by the operators or to a workspace.
    invitation: Option<String>,
    /// What is agreed to; the operator's texts, of which those that are required are named by the 422 of a sign-up without them.
    #[serde(default)]
    consents: Vec<ConsentGiven>,
}

/// Credentials of a person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@example.com", "password": "correct horse battery"}))]
pub(crate) struct Login {
    email: String,
    password: String,
    /// For accounts with a second factor: what the authenticator app shows, or a recovery code.
    totp: Option<String>,
    /// Or a passkey: `AuthenticationResponseJSON` for the options of `/auth/passkey/options`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Map<String, Value>>,
}

/// A refresh token to be exchanged.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refresh {
    refresh_token: String,
}

/// Which session to end: that of the access token sent, or of this refresh token.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logout {
    refresh_token: Option<String>,
    /// All sessions of the person, not only this one: a second factor has to have been shown, or the session opened, in the last ten
    /// minutes.
    all: Option<bool>,
}

/// Where to go on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Switch {
    /// A workspace of the caller.
    workspace_id: String,
}

/// Create an account, with a first workspace and a session.
#[utoipa::path(post, path = "/auth/signup", tag = "Account", security(()), request_body = SignUp,
    responses((status = 201, description = "The account", body = SessionBody,
        headers(("Location" = String, description = "The account"))),
        (status = 202, description = "Where addresses are confirmed first: a letter is on its way, whoever has the address", body = Sent),
        (status = 403, description = "Not everybody may sign up here"),
        (status = 409, description = "The address is taken"),
        (status = 422, description = "A consent is missing, or another value is not accepted")))]
pub(crate) async fn sign_up(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    headers: HeaderMap,
    Json(body): Json<SignUp>,
) -> Result<Response> {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let request = SignUpRequest {
        email: body.email,
        password: body.password,
        name: body.name,
        workspace_name: body.workspace_name.unwrap_or_default(),
        accept_language: accepted.to_owned(),
        invitation: body.invitation.unwrap_or_default(),
        consents: body.consents.into_iter().map(Into::into).collect(),
    };
    let made = app.services.identity.sign_up(&call, request).await?;
    if made.verification_sent {
        return Ok((StatusCode::ACCEPTED, Json(Sent::VERIFICATION)).into_response());
    }
    let session = SessionBody::new(made.user, made.workspace, made.tokens)?;
    Ok((StatusCode::CREATED, [(header::LOCATION, "/api/v1/me")], Json(session)).into_response())
}

/// Open a session. Unknown address and wrong password are told apart neither by the answer nor by its time. After failures
/// the next try waits, longer each time. Accounts with a second factor answer `MFA_REQUIRED` to the right password alone,
/// with `methods`: what may be sent along.
#[utoipa::path(post, path = "/auth/login", tag = "Account", security(()), request_body = Login,
    responses((status = 200, description = "The session", body = SessionBody),
        (status = 401, description = "Address or password is wrong; or the code of the second factor is wrong or missing"),
        (status = 429, description = "Too many failures: wait for `Retry-After` seconds")))]
pub(crate) async fn login(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Login>,
) -> Result<Json<SessionBody>> {
    let request = LoginRequest {
        email: body.email,
        password: body.password,
        totp: body.totp.unwrap_or_default(),
        passkey: passkey::shown(body.passkey),
    };
    let opened = app.services.identity.login(&call, request).await?;
    SessionBody::new(opened.user, opened.workspace, opened.tokens).map(Json)
}

/// Exchange a refresh token for a new pair. Each works once; a copy used later ends the session.
#[utoipa::path(post, path = "/auth/refresh", tag = "Account", security(()), request_body = Refresh,
    responses((status = 200, description = "The session with a new pair", body = SessionBody),
        (status = 401, description = "The token is not one of ours, has expired or was used before")))]
pub(crate) async fn refresh(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Refresh>,
) -> Result<Json<SessionBody>> {
    let request = RefreshRequest { refresh_token: body.refresh_token };
    let renewed = app.services.identity.refresh(&call, request).await?;
    SessionBody::new(renewed.user, renewed.workspace, renewed.tokens).map(Json)
}

/// End a session: send its access token, its refresh token, or both. The body may be left out.
#[utoipa::path(post, path = "/auth/logout", tag = "Account", security((), ("bearer" = [])),
    request_body = Option<Logout>,
    responses((status = 204, description = "The session has ended"),
        (status = 401, description = "Neither token was sent"),
        (status = 403, description = "`all`: the second factor was not shown, or the session not opened, in the last ten minutes")))]
pub(crate) async fn logout(
    State(app): State<Shared>,
    Perhaps { caller, anyone }: Perhaps,
    body: Option<Json<Logout>>,
) -> Result<StatusCode> {
    let Logout { refresh_token, all } = body.map(|Json(body)| body).unwrap_or_default();
    let call = match (caller, &refresh_token) {
        (Some(Ok(call)), _) => call,
        // An access token that has expired is no reason to keep the session.
        (_, Some(_)) => anyone,
        (Some(Err(error)), None) => return Err(error),
        (None, None) => return Err(Reason::CredentialsMissing.with("send an access token or a refresh_token").into()),
    };
    let request = LogoutRequest { refresh_token: refresh_token.unwrap_or_default(), all: all.unwrap_or_default() };
    app.services.identity.logout(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Go on in another workspace: a new pair whose `tenant_id` is that one.
#[utoipa::path(post, path = "/auth/switch", tag = "Account", request_body = Switch,
    responses((status = 200, description = "The session with a new pair", body = SessionBody),
        (status = 404, description = "No workspace of the caller")))]
pub(crate) async fn switch_workspace(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<Switch>,
) -> Result<Json<SessionBody>> {
    let request = SwitchWorkspaceRequest { workspace_id: body.workspace_id };
    let switched = app.services.identity.switch_workspace(&call, request).await?;
    SessionBody::new(switched.user, switched.workspace, switched.tokens).map(Json)
}
