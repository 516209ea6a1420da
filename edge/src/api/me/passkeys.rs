//! The passkeys of the calling person.

use super::super::time;
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::{self, Json},
    path::Target,
};
use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    id::PasskeyId,
    identity::{
        AddPasskeyRequest, BeginPasskeyRequest, BeginPasskeyStepUpRequest, ListPasskeysRequest, Passkey,
        RemovePasskeyRequest, RenamePasskeyRequest,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Passkeys of a person.
#[derive(Serialize, ToSchema)]
pub(crate) struct Passkeys {
    data: Vec<PasskeyBody>,
}

/// A key on a device that opens the account.
#[derive(Serialize, ToSchema)]
#[schema(as = Passkey)]
pub(crate) struct PasskeyBody {
    /// `psk_…`
    id: String,
    /// As its owner calls it.
    #[schema(example = "Ana's phone")]
    name: String,
    /// Since when.
    created_at: DateTime<Utc>,
    /// When it was last used.
    last_used_at: Option<DateTime<Utc>>,
    /// Which kind of authenticator made it, as that says itself; all zeros where it does not.
    #[schema(example = "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")]
    aaguid: String,
    /// How it can be reached: `internal`, `hybrid`, `usb`, `nfc`, `ble`.
    transports: Vec<String>,
    /// Whether copies of it may exist, as in a password manager.
    backup_eligible: bool,
    /// Whether one does.
    backed_up: bool,
}

/// The password, again.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct PasskeyBeginning {
    /// Of the account, if it has one.
    password: Option<String>,
}

/// What the device has made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ana's phone", "credential": {"id": "…", "rawId": "…", "type": "public-key", "response": {"clientDataJSON": "…", "attestationObject": "…", "transports": ["internal"]}, "clientExtensionResults": {}}}))]
pub(crate) struct NewPasskey {
    /// At most 64 characters.
    name: String,
    /// `RegistrationResponseJSON`: what `toJSON()` of the credential gives.
    #[schema(value_type = Object)]
    credential: Map<String, Value>,
}

/// Another name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ana's old phone"}))]
pub(crate) struct PasskeyChange {
    /// At most 64 characters.
    name: String,
}

/// List one's passkeys.
#[utoipa::path(get, path = "/me/passkeys", tag = "Account",
    responses((status = 200, description = "Oldest first", body = Passkeys)))]
pub(crate) async fn list_passkeys(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Passkeys>> {
    let listed = app.services.identity.list_passkeys(&call, ListPasskeysRequest {}).await?;
    let data = listed.passkeys.into_iter().map(PasskeyBody::try_from).collect::<Result<_>>()?;
    Ok(Json(Passkeys { data }))
}

/// Ask for a passkey: what `PublicKeyCredential.parseCreationOptionsFromJSON` takes, good once, in this session, for five
/// minutes. Accounts with a second factor show it just before (`step-up`); without a password, whoever is logged in for longer
/// than ten minutes logs in again.
#[utoipa::path(post, path = "/me/passkeys/options", tag = "Account", request_body = PasskeyBeginning,
    responses((status = 200, description = "`PublicKeyCredentialCreationOptionsJSON`", content_type = "application/json", body = Object),
        (status = 401, description = "The password is wrong"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 409, description = "There are ten, or the address of the account is not confirmed yet")))]
pub(crate) async fn begin_passkey(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<PasskeyBeginning>,
) -> Result<Response> {
    let request = BeginPasskeyRequest { password: body.password.unwrap_or_default() };
    let begun = app.services.identity.begin_passkey(&call, request).await?;
    Ok(json::encoded(begun.options.into()))
}

/// Add the passkey that a device has made. Its owner gets a letter.
#[utoipa::path(post, path = "/me/passkeys", tag = "Account", request_body = NewPasskey,
    responses((status = 201, description = "It opens the account from now on", body = PasskeyBody),
        (status = 409, description = "There are ten, or it is known already"),
        (status = 422, description = "It is not what was asked for, or was made too late")))]
pub(crate) async fn add_passkey(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewPasskey>,
) -> Result<(StatusCode, Json<PasskeyBody>)> {
    let request = AddPasskeyRequest { name: body.name, credential: Value::Object(body.credential).to_string() };
    let added = app.services.identity.add_passkey(&call, request).await?;
    let passkey = added.passkey.ok_or_else(|| Error::incomplete("the passkey"))?;
    Ok((StatusCode::CREATED, Json(passkey.try_into()?)))
}

/// Call a passkey by another name. The second factor was shown, or the session opened, in the last ten minutes.
#[utoipa::path(patch, path = "/me/passkeys/{passkey_id}", tag = "Account", request_body = PasskeyChange,
    params(("passkey_id" = String, Path, description = "`psk_…`")),
    responses((status = 200, description = "The passkey as it is now", body = PasskeyBody),
        (status = 403, description = "Show the second factor, or log in again"),
        (status = 404, description = "No passkey of the caller")))]
pub(crate) async fn rename_passkey(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(passkey): Target<PasskeyId>,
    Json(body): Json<PasskeyChange>,
) -> Result<Json<PasskeyBody>> {
    let request = RenamePasskeyRequest { id: passkey.to_string(), name: body.name };
    let renamed = app.services.identity.rename_passkey(&call, request).await?;
    Ok(Json(renamed.passkey.ok_or_else(|| Error::incomplete("the passkey"))?.try_into()?))
}

/// Remove a passkey; never the last way into one's account. All other sessions end. The second factor was shown, or the
/// session opened, in the last ten minutes.
#[utoipa::path(delete, path = "/me/passkeys/{passkey_id}", tag = "Account",
    params(("passkey_id" = String, Path, description = "`psk_…`")),
    responses((status = 204, description = "It opens the account no more"),
        (status = 403, description = "Show the second factor, or log in again"),
        (status = 404, description = "No passkey of the caller"),
        (status = 409, description = "It is the only way into the account")))]
pub(crate) async fn remove_passkey(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(passkey): Target<PasskeyId>,
) -> Result<StatusCode> {
    app.services.identity.remove_passkey(&call, RemovePasskeyRequest { id: passkey.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask for a passkey in the place of a code: what `PublicKeyCredential.parseRequestOptionsFromJSON` takes, with one's own
/// passkeys. Good once, in this session, for five minutes.
#[utoipa::path(post, path = "/me/mfa/step-up/options", tag = "Account",
    responses((status = 200, description = "`PublicKeyCredentialRequestOptionsJSON`", content_type = "application/json", body = Object),
        (status = 404, description = "There is no passkey")))]
pub(crate) async fn begin_step_up(State(app): State<Shared>, Caller(call): Caller) -> Result<Response> {
    let begun = app.services.identity.begin_passkey_step_up(&call, BeginPasskeyStepUpRequest {}).await?;
    Ok(json::encoded(begun.options.into()))
}

impl TryFrom<Passkey> for PasskeyBody {
    type Error = Error;

    fn try_from(passkey: Passkey) -> Result<Self> {
        Ok(Self {
            id: passkey.id,
            name: passkey.name,
            created_at: time::always(passkey.created_at)?,
            last_used_at: passkey.last_used_at.map(|at| time::always(Some(at))).transpose()?,
            aaguid: passkey.aaguid,
            transports: passkey.transports,
            backup_eligible: passkey.backup_eligible,
            backed_up: passkey.backed_up,
        })
    }
}
