//! Providers of the platform, as operators see and change them.

mod body;
pub(crate) mod test;

use super::super::{page::Page, repeat};
use crate::{
    app::Shared,
    auth::Operator,
    error::Result,
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use body::{NewPlatformProvider, PlatformProviderBody, PlatformProviderChange};
use http::{StatusCode, header};
use proto::{
    id::ProviderId,
    workspace::{DeletePlatformProviderRequest, GetPlatformProviderRequest, ListPlatformProvidersRequest},
};

/// List the providers of the platform. Their keys are never shown. For operators.
#[utoipa::path(get, path = "/admin/providers", tag = "Operators", params(Paging),
    responses((status = 200, description = "A page of them", body = Page<PlatformProviderBody>),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_platform_providers(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<PlatformProviderBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListPlatformProvidersRequest { page_size, page_token };
    let listed = app.services.workspaces.list_platform_providers(&call, request).await?;
    Page::new(listed.providers, listed.next_page_token, PlatformProviderBody::try_from).map(Json)
}

/// Add a provider with the platform's own key. For operators.
///
/// The platform pays for what is called with it, and charges that by plan. Workspaces see it within a second, behind their own
/// providers; as `platform/<name>`. The key is sealed and never returned.
#[utoipa::path(post, path = "/admin/providers", tag = "Operators", request_body = NewPlatformProvider,
    params(("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The provider", body = PlatformProviderBody,
        headers(("Location" = String, description = "The provider"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 409, description = "The name is taken, or the Idempotency-Key was used with another request")))]
pub(crate) async fn create_platform_provider(
    State(app): State<Shared>,
    Operator(call): Operator,
    Json(body): Json<NewPlatformProvider>,
) -> Result<impl IntoResponse> {
    let answer = app.services.workspaces.create_platform_provider(&call, body.into()).await?;
    let made = PlatformProviderBody::new(answer.provider)?;
    let location = format!("/api/v1/admin/providers/{}", made.id());
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get a provider of the platform. For operators.
#[utoipa::path(get, path = "/admin/providers/{provider_id}", tag = "Operators",
    params(("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "The provider", body = PlatformProviderBody),
        (status = 403, description = "The caller has no platform role"),
        (status = 404, description = "The platform has no such provider")))]
pub(crate) async fn get_platform_provider(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<ProviderId>,
) -> Result<Json<PlatformProviderBody>> {
    let request = GetPlatformProviderRequest { provider_id: id.to_string() };
    let found = app.services.workspaces.get_platform_provider(&call, request).await?;
    PlatformProviderBody::new(found.provider).map(Json)
}

/// Change a provider of the platform. Fields that are left out stay, the key too. For operators.
#[utoipa::path(put, path = "/admin/providers/{provider_id}", tag = "Operators", request_body = PlatformProviderChange,
    params(("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "The provider as it is now", body = PlatformProviderBody),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "The platform has no such provider"),
        (status = 409, description = "The name is taken")))]
pub(crate) async fn update_platform_provider(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<ProviderId>,
    Json(body): Json<PlatformProviderChange>,
) -> Result<Json<PlatformProviderBody>> {
    let changed = app.services.workspaces.update_platform_provider(&call, body.of(id)).await?;
    PlatformProviderBody::new(changed.provider).map(Json)
}

/// Remove a provider of the platform, and its key with it. For operators.
#[utoipa::path(delete, path = "/admin/providers/{provider_id}", tag = "Operators",
    params(("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 204, description = "It is gone"),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "The platform has no such provider")))]
pub(crate) async fn delete_platform_provider(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<ProviderId>,
) -> Result<StatusCode> {
    let request = DeletePlatformProviderRequest { provider_id: id.to_string() };
    app.services.workspaces.delete_platform_provider(&call, request).await?;
    Ok(StatusCode::NO_CONTENT)
}
