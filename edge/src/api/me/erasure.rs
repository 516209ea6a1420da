//! The end of an account.

use super::super::time;
use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::identity::EraseMeRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// That it is meant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@example.com", "password": "correct horse battery"}))]
pub(crate) struct Erase {
    /// The address of the account, to be sure.
    email: String,
    /// Of accounts that have one. Others need a session that was opened in the last ten minutes.
    password: Option<String>,
}

/// An account that is no more.
#[derive(Serialize, ToSchema)]
pub(crate) struct Erased {
    /// What trails and ledgers call the person from now on; it leads nowhere.
    #[schema(example = "usr_01KBT0Z3M5E8R9VQWXYZ123456")]
    user_id: String,
    erased_at: DateTime<Utc>,
}

/// Erase one's own account, for ever (LGPD art. 18, GDPR art. 17). Not for API keys. Accounts with a second factor show it just
/// before (`step-up`).
///
/// With the answer the account is gone: nobody logs in to it, its sessions and API keys are refused within a second, and its address
/// can sign up anew. Profile, sessions, second factor, linked accounts, letters that wait and invitations to the address are deleted;
/// memberships have ended. Names and addresses that other services show go within seconds, or as soon as these are back.
/// Keys of service accounts stay with their workspaces. Nobody can undo it: take the data along first (`GET /me/data-export`).
///
/// What stays names the person by `user_id` only: the audit trail, usage, and what they agreed to. What a workspace wrote down itself,
/// such as texts, names of things and billing details, is the workspace's; invoices are kept as the law wants them to.
/// Lines that processes have logged say from which address a request came; how long they are kept is up to whoever runs Perpetuo.
///
/// `LAST_OWNER` names in `workspace_ids` the workspaces that nobody else owns: hand them over or delete them first. Those that were
/// deleted already go at once then, and not after their days of grace, because nobody is left to restore them.
#[utoipa::path(post, path = "/me/erase", tag = "Account", request_body = Erase,
    responses((status = 202, description = "The account is gone, and the rest of Perpetuo is told", body = Erased),
        (status = 401, description = "The password is wrong"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 409, description = "A workspace would be left without an owner, or the account operates the platform"),
        (status = 422, description = "The address is not that of the account"),
        (status = 503, description = "A part of Perpetuo is away: the erasure goes on by itself"),
        (status = 429, description = "Too many wrong passwords: wait for `Retry-After` seconds")))]
pub(crate) async fn erase_me(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<Erase>,
) -> Result<(StatusCode, Json<Erased>)> {
    let request = EraseMeRequest { email: body.email, password: body.password.unwrap_or_default() };
    let done = app.services.identity.erase_me(&call, request).await?;
    Ok((StatusCode::ACCEPTED, Json(Erased { user_id: done.user_id, erased_at: time::always(done.erased_at)? })))
}
