//! Single sign-on of a workspace: its own provider, by OpenID Connect.

use super::{
    sign_in::{
        Browser,
        callback::{self, Callback},
        cookie,
    },
    time,
};
use crate::{
    app::Shared,
    auth::{Anyone, Caller},
    error::{Error, Result},
    json::Json,
    path::Target,
    query::Query,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use http::{HeaderMap, StatusCode, header};
use proto::{
    id::WorkspaceId,
    identity::{GetSsoRequest, PutSsoRequest, RemoveSsoRequest, Sso, StartSsoRequest},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// By which provider the people of a workspace sign in.
#[derive(Serialize, ToSchema)]
#[schema(as = Sso)]
pub(crate) struct SsoBody {
    #[schema(example = "https://login.acme.example")]
    issuer: String,
    #[schema(example = "perpetuo")]
    client_id: String,
    /// Whether a secret is kept. It is never shown.
    has_client_secret: bool,
    /// Whether people with addresses of the workspace's domains sign in by it and by nothing else.
    enforced: bool,
    /// What whoever comes by it becomes.
    #[schema(example = "member")]
    default_role: String,
    /// Whether whoever comes by it becomes a member.
    provision: bool,
    /// Where the provider sends people back to: register it there.
    callback_url: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// By which provider they sign in from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"issuer": "https://login.acme.example", "client_id": "perpetuo", "client_secret": "…", "enforced": false}))]
pub(crate) struct SsoSettings {
    /// As the provider writes it itself; its description is below it, at `/.well-known/openid-configuration`.
    issuer: String,
    /// What the provider calls this installation.
    client_id: String,
    /// Left out, the one from before stays, while issuer and client are the same. Empty: there is none.
    client_secret: Option<String>,
    /// Whether people with addresses of the workspace's verified domains sign in by it and by nothing else: not by password, link,
    /// passkey or another provider. Owners may, with a second factor. Their other sessions end. Needs a verified domain, and that
    /// whoever asks for it has a second factor, or has come by the provider since this was last changed, with the same secret.
    #[serde(default)]
    enforced: bool,
    /// `admin`, `member` or `viewer`. Default: `member`.
    default_role: Option<String>,
    /// Whether whoever comes by it becomes a member, as far as there are seats. Default: true.
    provision: Option<bool>,
}

/// Whose single sign-on: `email` or `workspace_id`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "ana@acme.example", "redirect_to": "https://app.example.com/signed-in"}))]
pub(crate) struct SsoStart {
    /// The address of whoever signs in. Only its domain counts.
    email: Option<String>,
    /// `ws_…`
    workspace_id: Option<String>,
    /// The page to which the browser is led at the end, with `code` or `error` as a parameter. One of
    /// `identity.oidc_redirects`, letter for letter. Without it the code is shown.
    redirect_to: Option<String>,
    /// base64url(SHA-256) of a secret that the client keeps (PKCE, S256), as at `GET /auth/oauth/{provider}/start`.
    code_challenge: Option<String>,
}

/// Where a browser goes.
#[derive(Serialize, ToSchema)]
pub(crate) struct SsoStarted {
    authorization_url: String,
}

/// Get by which provider the people of a workspace sign in.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/sso", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The provider", body = SsoBody),
        (status = 404, description = "Nobody has set one up")))]
pub(crate) async fn get_sso(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<SsoBody>> {
    let found = app.services.identity.get_sso(&call, GetSsoRequest {}).await?;
    SsoBody::new(found.sso).map(Json)
}

/// Have the people of a workspace sign in by a provider of its own (OpenID Connect). It is asked before anything is kept. Register
/// `<address of this API>/api/v1/auth/sso/<workspace id>/callback` there. It lets in who has an address of a domain that the
/// workspace has verified, and that the provider has confirmed (`email_verified`). Another issuer or client is another provider:
/// whom the one before has let in is forgotten.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/sso", tag = "Workspaces", request_body = SsoSettings,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "As it is now", body = SsoBody),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes"),
        (status = 409, description = "It cannot be enforced yet, or somebody has changed it at the same moment"),
        (status = 422, description = "A value that cannot be used, or a provider whose description does not hold"),
        (status = 502, description = "The provider does not answer")))]
pub(crate) async fn put_sso(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<SsoSettings>,
) -> Result<Json<SsoBody>> {
    let request = PutSsoRequest {
        issuer: body.issuer,
        client_id: body.client_id,
        client_secret: body.client_secret,
        enforced: body.enforced,
        default_role: body.default_role.unwrap_or_default(),
        provision: body.provision,
    };
    let put = app.services.identity.put_sso(&call, request).await?;
    SsoBody::new(put.sso).map(Json)
}

/// Have the people of a workspace sign in as everybody does. Whom the provider has let in is forgotten; members stay members.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/sso", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 204, description = "There is none any more"),
        (status = 403, description = "The second factor was not shown, or the session not opened, in the last ten minutes")))]
pub(crate) async fn remove_sso(State(app): State<Shared>, Caller(call): Caller) -> Result<StatusCode> {
    app.services.identity.remove_sso(&call, RemoveSsoRequest {}).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Sign in by the provider of a workspace: lead the browser to `authorization_url`. Whether an address has an account makes no
/// difference; whether its domain has single sign-on is told. It ends like every sign-in: `POST /auth/oauth/exchange`.
#[utoipa::path(post, path = "/auth/sso/start", tag = "Account", security(()), request_body = SsoStart,
    responses((status = 200, description = "Where the person says who they are", body = SsoStarted,
            headers(("Set-Cookie" = String, description = "Ties the sign-in to this browser, for ten minutes"))),
        (status = 404, description = "No single sign-on for this domain or workspace"),
        (status = 422, description = "A page that is not on the list"),
        (status = 502, description = "The provider does not answer")))]
pub(crate) async fn start_sso(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Browser(browser): Browser,
    Json(body): Json<SsoStart>,
) -> Result<impl IntoResponse> {
    let request = StartSsoRequest {
        email: body.email.unwrap_or_default(),
        workspace_id: body.workspace_id.unwrap_or_default(),
        redirect_to: body.redirect_to.unwrap_or_default(),
        code_challenge: body.code_challenge.unwrap_or_default(),
        browser,
    };
    let begun = app.services.identity.start_sso(&call, request).await?;
    let started = SsoStarted { authorization_url: begun.authorization_url };
    Ok(([(header::SET_COOKIE, cookie::set(&begun.browser)?)], Json(started)))
}

/// Come back from the provider of a workspace. Register this address there; nobody else calls it. It ends as
/// `GET /auth/oauth/{provider}/callback` does.
#[utoipa::path(get, path = "/auth/sso/{workspace_id}/callback", tag = "Account", security(()),
    params(("workspace_id" = String, Path, description = "`ws_…`"), Callback),
    responses((status = 200, description = "The code, where no page was named",
            content((callback::SignInCode = "application/json"), (String = "text/html"))),
        (status = 303, description = "The page that was named",
            headers(("Location" = String, description = "With `code` or `error`"))),
        (status = 401, description = "The state is of another browser or provider, was used before, or is too old"),
        (status = 403, description = "The provider did not let the person in"),
        (status = 502, description = "The provider does not answer, or its answer does not hold")))]
pub(crate) async fn finish_sso(
    State(app): State<Shared>,
    Anyone(call): Anyone,
    Target(workspace): Target<WorkspaceId>,
    headers: HeaderMap,
    Query(query): Query<Callback>,
    Browser(browser): Browser,
) -> Result<Response> {
    let request = query.into_request(String::new(), workspace.to_string(), browser);
    callback::finish(&app, &call, request, &headers).await
}

impl SsoBody {
    pub(super) fn new(sso: Option<Sso>) -> Result<Self> {
        sso.ok_or_else(|| Error::incomplete("the provider of the workspace"))?.try_into()
    }
}

impl TryFrom<Sso> for SsoBody {
    type Error = Error;

    fn try_from(of: Sso) -> Result<Self> {
        Ok(Self {
            issuer: of.issuer,
            client_id: of.client_id,
            has_client_secret: of.has_client_secret,
            enforced: of.enforced,
            default_role: of.default_role,
            provision: of.provision,
            callback_url: of.callback_url,
            created_at: time::always(of.created_at)?,
            updated_at: time::always(of.updated_at)?,
        })
    }
}
