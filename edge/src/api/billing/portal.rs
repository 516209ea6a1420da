//! How does a workspace look after its cards?

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use proto::billing::OpenPortalRequest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where one comes back to.
#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"return_url": "https://app.example.com/billing"}))]
pub(crate) struct PortalVisit {
    /// Where the browser goes from there; https, at most 2000 characters. Default: the first address of this installation's
    /// `billing.return_urls`, if it names any.
    return_url: Option<String>,
}

/// A page of the provider of cards.
#[derive(Serialize, ToSchema)]
#[schema(as = Portal)]
pub(crate) struct PortalBody {
    /// Good for one visit, within minutes.
    #[schema(example = "https://billing.stripe.com/p/session/…")]
    url: String,
}

/// Open the page on which the workspace looks after its cards and its address at the provider. The body may be left out.
///
/// Plans, invoices and what they cost are here and not there.
#[utoipa::path(post, path = "/billing/portal", tag = "Billing", request_body = Option<PortalVisit>,
    responses((status = 200, description = "Where the browser goes", body = PortalBody),
        (status = 503, description = "This installation takes no cards (`PAYMENTS_NOT_CONFIGURED`); or the provider, or a part of \
            Perpetuo, is unavailable")))]
pub(crate) async fn open_portal(
    State(app): State<Shared>,
    Caller(call): Caller,
    body: Option<Json<PortalVisit>>,
) -> Result<Json<PortalBody>> {
    let PortalVisit { return_url } = body.map(|Json(body)| body).unwrap_or_default();
    let request = OpenPortalRequest { return_url: return_url.unwrap_or_default() };
    let opened = app.services.billing.open_portal(&call, request).await?;
    Ok(Json(PortalBody { url: opened.url }))
}
