//! API keys of a workspace.

mod body;

use super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query, page_size},
};
use axum::{extract::State, response::IntoResponse};
use body::{ApiKeyBody, ApiKeyChange, CreatedApiKey, NewApiKey, Rotation};
use http::{StatusCode, header};
use proto::{
    id::KeyId,
    identity::{DeleteApiKeyRequest, ListApiKeysRequest, RevokeApiKeyRequest, RotateApiKeyRequest},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which keys to list.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Those of this team: `team_…`.
    team_id: Option<String>,
}

impl Which {
    /// A page of all.
    pub(super) fn all(Paging { limit, cursor }: Paging) -> Self {
        Self { limit, cursor, team_id: None }
    }
}

/// List the keys of a workspace. The keys themselves are never shown again.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/api-keys", tag = "API keys",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Which),
    responses((status = 200, description = "A page of them", body = Page<ApiKeyBody>)))]
pub(crate) async fn list_api_keys(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(which): Query<Which>,
) -> Result<Json<Page<ApiKeyBody>>> {
    let request = ListApiKeysRequest {
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        team_id: which.team_id.unwrap_or_default(),
    };
    let listed = app.services.identity.list_api_keys(&call, request).await?;
    Page::new(listed.api_keys, listed.next_page_token, ApiKeyBody::try_from).map(Json)
}

/// Create a key. `key` is in this answer only, also when it is repeated under its `Idempotency-Key`: keep it.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/api-keys", tag = "API keys", request_body = NewApiKey,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The key", body = CreatedApiKey,
        headers(("Location" = String, description = "The key"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = repeat::MISMATCH)))]
pub(crate) async fn create_api_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewApiKey>,
) -> Result<impl IntoResponse> {
    let answer = app.services.identity.create_api_key(&call, body.into_request()?).await?;
    let replayed = repeat::header(answer.replayed);
    let made = CreatedApiKey::new(answer)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/api-keys/{}", made.id());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], replayed, Json(made)))
}

/// Change the name of a key, its limits, and what it is bound to. Within a second they hold everywhere.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/api-keys/{key_id}", tag = "API keys",
    request_body = ApiKeyChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("key_id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The key as it is now", body = ApiKeyBody)))]
pub(crate) async fn update_api_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<KeyId>,
    Json(body): Json<ApiKeyChange>,
) -> Result<Json<ApiKeyBody>> {
    let changed = app.services.identity.update_api_key(&call, body.into_request(id.to_string())?).await?;
    ApiKeyBody::new(changed.api_key).map(Json)
}

/// Revoke a key. Within a second it works nowhere; it stays listed. Repeating it changes nothing.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/api-keys/{key_id}/revoke", tag = "API keys",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("key_id" = String, Path, description = "`key_…`")),
    responses((status = 200, description = "The key as it is now", body = ApiKeyBody)))]
pub(crate) async fn revoke_api_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<KeyId>,
) -> Result<Json<ApiKeyBody>> {
    let request = RevokeApiKeyRequest { key_id: id.to_string() };
    let revoked = app.services.identity.revoke_api_key(&call, request).await?;
    ApiKeyBody::new(revoked.api_key).map(Json)
}

/// Rotate a key: it gets another text, and the one before works on for a while, so that who uses it can change over. Name,
/// scopes, limits and logs stay those of the same key. `key` is in this answer only.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/api-keys/{key_id}/rotate", tag = "API keys",
    request_body = Rotation,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("key_id" = String, Path, description = "`key_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 200, description = "The key as it is now", body = CreatedApiKey,
        headers(("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "The key has ended, or the Idempotency-Key was used with another request")))]
pub(crate) async fn rotate_api_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<KeyId>,
    body: Option<Json<Rotation>>,
) -> Result<impl IntoResponse> {
    let grace_seconds = body.and_then(|Json(Rotation { grace_seconds })| grace_seconds);
    let request = RotateApiKeyRequest { key_id: id.to_string(), grace_seconds };
    let answer = app.services.identity.rotate_api_key(&call, request).await?;
    let replayed = repeat::header(answer.replayed);
    Ok((replayed, Json(CreatedApiKey::of(answer.api_key, answer.key)?)))
}

/// Delete a key: revoke it and take it off the list.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/api-keys/{key_id}", tag = "API keys",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("key_id" = String, Path, description = "`key_…`")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_api_key(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<KeyId>,
) -> Result<StatusCode> {
    let request = DeleteApiKeyRequest { key_id: id.to_string() };
    app.services.identity.delete_api_key(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
