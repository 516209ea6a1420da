//! Does a provider of the platform work?

use crate::{api::providers::test::ProviderTest, app::Shared, auth::Operator, error::Result, json::Json, path::Target};
use axum::extract::State;
use proto::{gateway::TestPlatformProviderRequest, id::ProviderId};

/// Make one cheap real call to a provider of the platform. One that fails is an answer, not an error. For operators.
#[utoipa::path(post, path = "/admin/providers/{provider_id}/test", tag = "Operators",
    params(("provider_id" = String, Path, description = "`prov_…`")),
    responses((status = 200, description = "What it showed", body = ProviderTest),
        (status = 403, description = "The caller is no admin of the platform"),
        (status = 404, description = "The platform has no such provider")))]
pub(crate) async fn test_platform_provider(
    State(app): State<Shared>,
    Operator(call): Operator,
    Target(id): Target<ProviderId>,
) -> Result<Json<ProviderTest>> {
    let request = TestPlatformProviderRequest { provider_id: id.to_string() };
    let tested = app.services.gateway.test_platform_provider(&call, request).await?;
    Ok(Json(tested.result.unwrap_or_default().into()))
}
