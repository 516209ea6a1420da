//! Signing in with a passkey (WebAuthn).

use super::session::SessionBody;
use crate::{
    app::Shared,
    auth::Anyone,
    error::Result,
    json::{self, Json},
};
use axum::{extract::State, response::Response};
use proto::identity::{BeginPasskeySignInRequest, SignInWithPasskeyRequest};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What a device has shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"credential": {"id": "…", "rawId": "…", "type": "public-key", "response": {"clientDataJSON": "…", "authenticatorData": "…", "signature": "…", "userHandle": "…"}, "clientExtensionResults": {}}}))]
pub(crate) struct PasskeySignIn {
    /// `AuthenticationResponseJSON`: what `toJSON()` of the credential gives.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

/// A passkey that is shown in the place of a code, if one is.
pub(super) fn shown(passkey: Option<Map<String, Value>>) -> String {
    passkey.map(|credential| Value::Object(credential).to_string()).unwrap_or_default()
}

/// Ask for a passkey: what `PublicKeyCredential.parseRequestOptionsFromJSON` takes, good once, for five minutes. The same for
/// everybody; the answer goes to `POST /auth/passkey`, or as `passkey` to whatever answered `MFA_REQUIRED`.
#[utoipa::path(post, path = "/auth/passkey/options", tag = "Account", security(()),
    responses((status = 200, description = "`PublicKeyCredentialRequestOptionsJSON`", content_type = "application/json", body = Object),
        (status = 409, description = "This installation has no domain for passkeys"),
        (status = 429, description = "Too many from one network: wait for `Retry-After` seconds")))]
pub(crate) async fn begin_passkey_sign_in(State(app): State<Shared>, Anyone(call): Anyone) -> Result<Response> {
    let begun = app.services.identity.begin_passkey_sign_in(&call, BeginPasskeySignInRequest {}).await?;
    Ok(json::encoded(begun.options.into()))
}

/// Open a session with a passkey. It counts as both factors, because its device has verified its owner. Whatever is wrong with
/// it is one answer.
#[utoipa::path(post, path = "/auth/passkey", tag = "Account", security(()), request_body = PasskeySignIn,
    responses((status = 200, description = "The session", body = SessionBody),
        (status = 401, description = "It opens no account, or was shown before or too late"),
        (status = 429, description = "Too many failures: wait for `Retry-After` seconds")))]
pub(crate) async fn sign_in_with_passkey(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Json(body): Json<PasskeySignIn>,
) -> Result<Json<SessionBody>> {
    let request = SignInWithPasskeyRequest { credential: Value::Object(body.credential).to_string() };
    let opened = app.services.identity.sign_in_with_passkey(&call, request).await?;
    SessionBody::new(opened.user, opened.workspace, opened.tokens).map(Json)
}
