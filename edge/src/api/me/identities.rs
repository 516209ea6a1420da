//! Accounts elsewhere that open the calling person's account.

use super::super::{sign_in::Browser, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    id::IdentityId,
    identity::{LinkIdentityRequest, LinkedIdentity, ListIdentitiesRequest, UnlinkIdentityRequest},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that opens the account, beside letters.
#[derive(Serialize, ToSchema)]
pub(crate) struct Identities {
    data: Vec<IdentityBody>,
    /// Whether it can also be logged in to by a password.
    has_password: bool,
}

/// An account elsewhere.
#[derive(Serialize, ToSchema)]
#[schema(as = Identity)]
pub(crate) struct IdentityBody {
    /// `idn_…`
    id: String,
    /// Its name when it was linked.
    #[schema(example = "google")]
    provider: String,
    /// Who vouches for it.
    #[schema(example = "https://accounts.google.com")]
    issuer: String,
    /// The address that the provider last told.
    email: Option<String>,
    /// Since when.
    created_at: DateTime<Utc>,
    /// When it last opened the account.
    last_used_at: Option<DateTime<Utc>>,
}

/// What a sign-in ended with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = IdentityLink, example = json!({"code": "si_2Jm4…", "code_verifier": "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "password": "correct horse battery"}))]
pub(crate) struct Link {
    /// Good once and for a minute.
    code: String,
    /// The secret whose `code_challenge` the sign-in began with. Without one, the cookie of the browser that began counts.
    code_verifier: Option<String>,
    /// Of the account, if it has one.
    password: Option<String>,
}

/// List what opens one's account beside a password.
#[utoipa::path(get, path = "/me/identities", tag = "Account",
    responses((status = 200, description = "Oldest first", body = Identities)))]
pub(crate) async fn list_identities(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Identities>> {
    let listed = app.services.identity.list_identities(&call, ListIdentitiesRequest {}).await?;
    let data = listed.identities.into_iter().map(IdentityBody::try_from).collect::<Result<_>>()?;
    Ok(Json(Identities { data, has_password: listed.has_password }))
}

/// Link an account elsewhere: sign in there (`GET /auth/oauth/{provider}/start`), and send the code here instead of to
/// `POST /auth/oauth/exchange`. Accounts with a second factor show it just before (`step-up`); without a password, whoever is
/// logged in for longer than ten minutes logs in again.
#[utoipa::path(post, path = "/me/identities", tag = "Account", request_body = Link,
    responses((status = 201, description = "It opens the account from now on", body = IdentityBody),
        (status = 401, description = "The code does not work any more, or the password is wrong"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 409, description = "It opens an account already, or the address of this one is not confirmed yet")))]
pub(crate) async fn link_identity(
    State(app): State<Shared>,
    Caller(call): Caller,
    Browser(browser): Browser,
    Json(body): Json<Link>,
) -> Result<(StatusCode, Json<IdentityBody>)> {
    let request = LinkIdentityRequest {
        code: body.code,
        code_verifier: body.code_verifier.unwrap_or_default(),
        browser,
        password: body.password.unwrap_or_default(),
    };
    let linked = app.services.identity.link_identity(&call, request).await?;
    let linked = linked.identity.ok_or_else(|| Error::incomplete("the identity"))?;
    Ok((StatusCode::CREATED, Json(linked.try_into()?)))
}

/// Unlink an account elsewhere; never the last way into one's account. Accounts with a second factor show it just before
/// (`step-up`); others log in again, if that was longer ago than ten minutes.
#[utoipa::path(delete, path = "/me/identities/{identity_id}", tag = "Account",
    params(("identity_id" = String, Path, description = "`idn_…`")),
    responses((status = 204, description = "It opens the account no more"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 404, description = "No identity of the caller"),
        (status = 409, description = "It is the only way into the account")))]
pub(crate) async fn unlink_identity(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(identity): Target<IdentityId>,
) -> Result<StatusCode> {
    app.services.identity.unlink_identity(&call, UnlinkIdentityRequest { id: identity.to_string() }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl TryFrom<LinkedIdentity> for IdentityBody {
    type Error = Error;

    fn try_from(linked: LinkedIdentity) -> Result<Self> {
        let last_used_at = linked.last_used_at.map(|at| time::always(Some(at))).transpose()?;
        Ok(Self {
            id: linked.id,
            provider: linked.provider,
            issuer: linked.issuer,
            email: Some(linked.email).filter(|address| !address.is_empty()),
            created_at: time::always(linked.created_at)?,
            last_used_at,
        })
    }
}
