//! What letters lead to: confirming an address, logging in by a link, another password.

use super::{passkey, session::SessionBody};
use crate::{app::Shared, auth::Anyone, error::Result, json::Json};
use axum::extract::State;
use http::StatusCode;
use proto::identity::{
    ForgotPasswordRequest, LoginWithMagicLinkRequest, ResetPasswordRequest, SendMagicLinkRequest, VerifyEmailRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Where to send a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@example.com"}))]
pub(crate) struct Address {
    email: String,
}

/// What the link in a letter holds.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "ot_2Jm4…"}))]
pub(crate) struct Link {
    token: String,
    /// For accounts with a second factor: what the authenticator app shows, or a recovery code. Without it the answer is
    /// `MFA_REQUIRED`, and the link stays good.
    totp: Option<String>,
    /// Or a passkey: `AuthenticationResponseJSON` for the options of `/auth/passkey/options`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Map<String, Value>>,
}

/// Another password, by the link in a letter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "ot_2Jm4…", "password": "correct horse battery"}))]
pub(crate) struct Reset {
    token: String,
    /// At least 8 characters, none of the most common passwords, and not easy to guess.
    password: String,
}

/// A letter is on its way, if there is anybody to send it to.
#[derive(Serialize, ToSchema)]
pub(crate) struct Sent {
    /// `sent`, or `verification_sent` after a sign-up. The same for every address.
    #[schema(example = "sent")]
    status: &'static str,
}

impl Sent {
    /// The answer to a sign-up.
    pub(super) const VERIFICATION: Self = Self { status: "verification_sent" };
    const LETTER: Self = Self { status: "sent" };
}

/// Follow the link of a letter: it completes a sign-up, confirms an address or changes it, and opens a session.
#[utoipa::path(post, path = "/auth/email/verify", tag = "Account", security(()), request_body = Link,
    responses((status = 200, description = "The session", body = SessionBody),
        (status = 401, description = "The link was used before, or is too old; or the code of the second factor is wrong or missing")))]
pub(crate) async fn verify_email(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Link>,
) -> Result<Json<SessionBody>> {
    let (totp, passkey) = (body.totp.unwrap_or_default(), passkey::shown(body.passkey));
    let request = VerifyEmailRequest { token: body.token, totp, passkey };
    let opened = app.services.identity.verify_email(&call, request).await?;
    SessionBody::new(opened.user, opened.workspace, opened.tokens).map(Json)
}

/// Send a link that logs in, once, within 10 minutes. The same answer for every address.
#[utoipa::path(post, path = "/auth/magic-link", tag = "Account", security(()), request_body = Address,
    responses((status = 202, description = "A letter is on its way, if the address has an account", body = Sent)))]
pub(crate) async fn send_magic_link(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Address>,
) -> Result<(StatusCode, Json<Sent>)> {
    app.services.identity.send_magic_link(&call, SendMagicLinkRequest { email: body.email }).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent::LETTER)))
}

/// Open a session with the link of a letter.
#[utoipa::path(post, path = "/auth/magic-link/verify", tag = "Account", security(()), request_body = Link,
    responses((status = 200, description = "The session", body = SessionBody),
        (status = 401, description = "The link was used before, or is too old; or the code of the second factor is wrong or missing")))]
pub(crate) async fn login_with_magic_link(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Link>,
) -> Result<Json<SessionBody>> {
    let (totp, passkey) = (body.totp.unwrap_or_default(), passkey::shown(body.passkey));
    let request = LoginWithMagicLinkRequest { token: body.token, totp, passkey };
    let opened = app.services.identity.login_with_magic_link(&call, request).await?;
    SessionBody::new(opened.user, opened.workspace, opened.tokens).map(Json)
}

/// Send a link that sets another password, once, within 30 minutes. The same answer for every address.
#[utoipa::path(post, path = "/auth/password/forgot", tag = "Account", security(()), request_body = Address,
    responses((status = 202, description = "A letter is on its way, if the address has an account", body = Sent)))]
pub(crate) async fn forgot_password(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Address>,
) -> Result<(StatusCode, Json<Sent>)> {
    app.services.identity.forgot_password(&call, ForgotPasswordRequest { email: body.email }).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent::LETTER)))
}

/// Set another password with the link of a letter. Every session of the account ends.
#[utoipa::path(post, path = "/auth/password/reset", tag = "Account", security(()), request_body = Reset,
    responses((status = 204, description = "The password is set"),
        (status = 401, description = "The link was used before, or is too old")))]
pub(crate) async fn reset_password(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<Reset>,
) -> Result<StatusCode> {
    let request = ResetPasswordRequest { token: body.token, password: body.password };
    app.services.identity.reset_password(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
