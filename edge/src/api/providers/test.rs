//! Does a provider work?

use crate::{api::page::some, app::Shared, auth::Caller, error::Result, json::Json, path::Target};
use axum::extract::State;
use proto::{
    gateway::{TestProviderRequest, TestProviderResponse},
    id::ProviderId,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a real call to a provider showed.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProviderTest {
    /// Whether it answered as it should.
    ok: bool,
    /// How long it took, in milliseconds.
    latency_ms: i32,
    /// Models that it offers. Null where it failed.
    models: Option<Vec<String>>,
    /// What went wrong, and what to change. Null where nothing did.
    error: Option<String>,
}

/// Make one cheap real call to a provider. One that fails is an answer, not an error.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/providers/{provider_id}/test", tag = "Providers",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "What it showed", body = ProviderTest)))]
pub(crate) async fn test_provider(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ProviderId>,
) -> Result<Json<ProviderTest>> {
    let request = TestProviderRequest { provider_id: id.to_string() };
    Ok(Json(app.services.gateway.test_provider(&call, request).await?.into()))
}

impl From<TestProviderResponse> for ProviderTest {
    fn from(tested: TestProviderResponse) -> Self {
        let TestProviderResponse { ok, latency_ms, models, error } = tested;
        Self { ok, latency_ms, models: ok.then_some(models), error: some(error) }
    }
}
