//! How somebody gets into their own account.

use super::super::links::Sent;
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use http::StatusCode;
use proto::identity::{ChangeEmailRequest, ChangePasswordRequest};
use serde::Deserialize;
use utoipa::ToSchema;

/// Another password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current_password": "correct horse battery", "password": "violet anvil harbor"}))]
pub(crate) struct PasswordChange {
    current_password: String,
    /// At least 8 characters, none of the most common passwords, and not easy to guess.
    password: String,
}

/// Another address.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@example.org", "password": "correct horse battery"}))]
pub(crate) struct EmailChange {
    email: String,
    /// Of the account.
    password: String,
}

/// Set another password. All other sessions end. Accounts with a second factor show it just before (`step-up`).
#[utoipa::path(post, path = "/me/password", tag = "Account", request_body = PasswordChange,
    responses((status = 204, description = "The password is set"),
        (status = 401, description = "The password is wrong"),
        (status = 403, description = "The second factor was not shown in the last ten minutes")))]
pub(crate) async fn change_password(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<PasswordChange>,
) -> Result<StatusCode> {
    let request = ChangePasswordRequest { current_password: body.current_password, password: body.password };
    app.services.identity.change_password(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Move the account to another address, by a link that is sent there. The same answer for every address. Accounts with a
/// second factor show it just before (`step-up`).
#[utoipa::path(post, path = "/me/email", tag = "Account", request_body = EmailChange,
    responses((status = 202, description = "A letter is on its way", body = Sent),
        (status = 401, description = "The password is wrong"),
        (status = 403, description = "The second factor was not shown in the last ten minutes")))]
pub(crate) async fn change_email(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<EmailChange>,
) -> Result<(StatusCode, Json<Sent>)> {
    let request = ChangeEmailRequest { email: body.email, password: body.password };
    app.services.identity.change_email(&call, request).await?;
    Ok((StatusCode::ACCEPTED, Json(Sent::VERIFICATION)))
}
