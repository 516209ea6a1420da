//! Providers of a workspace.

pub(super) mod body;
pub(crate) mod test;

use super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use body::{NewProvider, ProviderBody, ProviderChange};
use http::{StatusCode, header};
use proto::{
    id::ProviderId,
    workspace::{DeleteProviderRequest, GetProviderRequest, ListProvidersRequest},
};

/// List the providers of a workspace. Their keys are never shown.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/providers", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<ProviderBody>)))]
pub(crate) async fn list_providers(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ProviderBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListProvidersRequest { page_size, page_token };
    let listed = app.services.workspaces.list_providers(&call, request).await?;
    Page::new(listed.providers, listed.next_page_token, ProviderBody::try_from).map(Json)
}

/// Add a provider with the workspace's own key (BYOK). The key is sealed and never returned.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/providers", tag = "Providers", request_body = NewProvider,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The provider", body = ProviderBody,
        headers(("Location" = String, description = "The provider"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "The name is taken, or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewProvider>,
) -> Result<impl IntoResponse> {
    let answer = app.services.workspaces.create_provider(&call, body.into()).await?;
    let made = ProviderBody::new(answer.provider)?;
    let workspace = call.workspace.map(|id| id.to_string()).unwrap_or_default();
    let location = format!("/api/v1/workspaces/{workspace}/providers/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get a provider.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/providers/{provider_id}", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "The provider", body = ProviderBody)))]
pub(crate) async fn get_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ProviderId>,
) -> Result<Json<ProviderBody>> {
    let request = GetProviderRequest { provider_id: id.to_string() };
    let found = app.services.workspaces.get_provider(&call, request).await?;
    ProviderBody::new(found.provider).map(Json)
}

/// Change a provider. Fields that are left out stay, the key too.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/providers/{provider_id}", tag = "Providers",
    request_body = ProviderChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "The provider as it is now", body = ProviderBody),
        (status = 409, description = "The name is taken")))]
pub(crate) async fn update_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ProviderId>,
    Json(body): Json<ProviderChange>,
) -> Result<Json<ProviderBody>> {
    let changed = app.services.workspaces.update_provider(&call, body.of(id)).await?;
    ProviderBody::new(changed.provider).map(Json)
}

/// Remove a provider, and its key with it.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/providers/{provider_id}", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 204, description = "It is gone")))]
pub(crate) async fn delete_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ProviderId>,
) -> Result<StatusCode> {
    let request = DeleteProviderRequest { provider_id: id.to_string() };
    app.services.workspaces.delete_provider(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
