//! The second factor of the calling person.

use super::super::{passkey, time};
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::{
    ConfirmTotpRequest, GetMfaRequest, RemoveTotpRequest, RenewRecoveryCodesRequest, SetUpTotpRequest, StepUpRequest,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whether a second factor is asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Mfa {
    /// Whether a code is asked for at login.
    enabled: bool,
    /// Since when.
    enabled_at: Option<DateTime<Utc>>,
    /// Recovery codes that were not used yet.
    recovery_codes_left: i32,
    /// Passkeys, each of which may be shown in the place of a code.
    passkeys: i32,
    /// When this session last showed a code or a passkey.
    shown_at: Option<DateTime<Utc>>,
}

/// The password, again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "correct horse battery"}))]
pub(crate) struct TotpSetUp {
    /// Of the account.
    password: String,
}

/// What an authenticator app needs.
#[derive(Serialize, ToSchema)]
pub(crate) struct TotpSecret {
    /// For typing it in.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// For a QR code.
    #[schema(
        example = "otpauth://totp/Perpetuo:ana%40example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Perpetuo"
    )]
    otpauth_uri: String,
}

/// What the authenticator app shows.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "287082"}))]
pub(crate) struct TotpCode {
    /// Six digits.
    code: String,
}

/// What shows the second factor: one of the two.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "287082"}))]
pub(crate) struct SecondFactor {
    /// Six digits of the authenticator app, or a recovery code.
    code: Option<String>,
    /// Or a passkey: `AuthenticationResponseJSON` for the options of `/me/mfa/step-up/options`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Map<String, Value>>,
}

/// For whoever loses the app. Shown this once.
#[derive(Serialize, ToSchema)]
pub(crate) struct RecoveryCodes {
    /// Each works once, in the place of a code of the app.
    recovery_codes: Vec<String>,
}

/// See whether a second factor is asked for.
#[utoipa::path(get, path = "/me/mfa", tag = "Account",
    responses((status = 200, description = "The second factor", body = Mfa)))]
pub(crate) async fn get_mfa(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Mfa>> {
    let found = app.services.identity.get_mfa(&call, GetMfaRequest {}).await?;
    let at = |at: Option<_>| at.map(|at| time::always(Some(at))).transpose();
    Ok(Json(Mfa {
        enabled: found.enabled_at.is_some(),
        enabled_at: at(found.enabled_at)?,
        recovery_codes_left: found.recovery_codes_left,
        passkeys: found.passkeys,
        shown_at: at(found.shown_at)?,
    }))
}

/// Set up an authenticator app (TOTP, RFC 6238). Nothing is asked for before its first code has come, within 15 minutes.
#[utoipa::path(post, path = "/me/mfa/totp", tag = "Account", request_body = TotpSetUp,
    responses((status = 201, description = "What the app needs", body = TotpSecret),
        (status = 401, description = "The password is wrong"),
        (status = 409, description = "A second factor is in force")))]
pub(crate) async fn set_up_totp(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<TotpSetUp>,
) -> Result<(StatusCode, Json<TotpSecret>)> {
    let made = app.services.identity.set_up_totp(&call, SetUpTotpRequest { password: body.password }).await?;
    Ok((StatusCode::CREATED, Json(TotpSecret { secret: made.secret, otpauth_uri: made.uri })))
}

/// Put the second factor in force with a code of the app. All other sessions end.
#[utoipa::path(post, path = "/me/mfa/totp/confirm", tag = "Account", request_body = TotpCode,
    responses((status = 200, description = "It is in force", body = RecoveryCodes),
        (status = 401, description = "The code is wrong"),
        (status = 404, description = "No app was set up in the last 15 minutes")))]
pub(crate) async fn confirm_totp(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<TotpCode>,
) -> Result<Json<RecoveryCodes>> {
    let done = app.services.identity.confirm_totp(&call, ConfirmTotpRequest { code: body.code }).await?;
    Ok(Json(RecoveryCodes { recovery_codes: done.recovery_codes }))
}

/// Take the second factor away, with its recovery codes. It was shown in the last ten minutes, at login or by `step-up`.
#[utoipa::path(delete, path = "/me/mfa/totp", tag = "Account",
    responses((status = 204, description = "None is asked for any more"),
        (status = 403, description = "It was not shown in the last ten minutes"),
        (status = 404, description = "There is none")))]
pub(crate) async fn remove_totp(State(app): State<Shared>, Caller(call): Caller) -> Result<StatusCode> {
    app.services.identity.remove_totp(&call, RemoveTotpRequest {}).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make other recovery codes; those from before work no longer. The second factor was shown in the last ten minutes.
#[utoipa::path(post, path = "/me/mfa/recovery-codes", tag = "Account",
    responses((status = 200, description = "The codes", body = RecoveryCodes),
        (status = 403, description = "The second factor was not shown in the last ten minutes"),
        (status = 404, description = "There is none")))]
pub(crate) async fn renew_recovery_codes(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<RecoveryCodes>> {
    let made = app.services.identity.renew_recovery_codes(&call, RenewRecoveryCodesRequest {}).await?;
    Ok(Json(RecoveryCodes { recovery_codes: made.recovery_codes }))
}

/// Show the second factor again, a code or a passkey. What needs it may be done within ten minutes from now, in this session.
#[utoipa::path(post, path = "/me/mfa/step-up", tag = "Account", request_body = SecondFactor,
    responses((status = 204, description = "It counts as shown"),
        (status = 401, description = "The code is wrong, or the passkey does not count"),
        (status = 404, description = "There is no second factor"),
        (status = 429, description = "Too many wrong codes: wait for `Retry-After` seconds")))]
pub(crate) async fn step_up(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<SecondFactor>,
) -> Result<StatusCode> {
    let (code, passkey) = (body.code.unwrap_or_default(), passkey::shown(body.passkey));
    app.services.identity.step_up(&call, StepUpRequest { code, passkey }).await?;
    Ok(StatusCode::NO_CONTENT)
}
