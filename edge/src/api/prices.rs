//! What a workspace agreed on with its providers, and models whose price is not known.

use super::{units::UnitsBody, usage::Period};
use crate::{app::Shared, auth::Caller, error::Result, json::Json, query::Query};
use axum::extract::State;
use proto::usage::{AgreedPrice, AgreedPrices, GetPricesRequest, ListUnpricedRequest, PutPricesRequest, UnpricedModel};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// Prices for attempts with the workspace's own credentials. What is not in here costs what the catalogue says.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prices {
    /// Added to every price, in percent. Empty: nothing.
    #[serde(default)]
    #[schema(example = "12.5")]
    markup_percent: String,
    /// At most 500.
    #[serde(default)]
    prices: Vec<Price>,
}

/// What some models of one kind of provider cost.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Price {
    /// Kind of the provider.
    #[schema(example = "openai")]
    provider: String,
    /// As the provider knows them; `*` is every model that is not named.
    models: Vec<String>,
    /// ISO 4217; left out when it is free.
    #[serde(default)]
    #[schema(example = "USD")]
    currency: String,
    /// A date or a time, UTC. Empty: since ever.
    #[serde(default)]
    from: String,
    /// A date or a time, UTC, exclusive. Empty: until further notice.
    #[serde(default)]
    to: String,
    /// Explicitly nothing; then there are no prices.
    #[serde(default)]
    free: bool,
    /// Decimal numbers for a million tokens, by bucket: `input`, `cache_read`, `cache_write_5m`, `cache_write_1h`,
    /// `audio_input`, `image_input`, `output`, `audio_output`, `image_output`. Beside tokens: `image` for one, `image <class>` for one
    /// of a quality, a size, or `<quality>/<size>`, `audio_hour` for an hour of sound, `characters` for a million of them, `searches` for
    /// a thousand.
    #[serde(default)]
    prices: BTreeMap<String, String>,
}

/// Models without a price.
#[derive(Serialize, ToSchema)]
pub(crate) struct UnpricedModels {
    data: Vec<UnpricedModelBody>,
}

/// A model that was used and whose price is not known.
#[derive(Serialize, ToSchema)]
#[schema(as = UnpricedModel)]
struct UnpricedModelBody {
    provider: String,
    model: String,
    attempts: i64,
    input_tokens: i64,
    output_tokens: i64,
    units: UnitsBody,
}

/// Get what a workspace agreed on with its providers.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/prices", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "Empty, if nothing was agreed on", body = Prices)))]
pub(crate) async fn get_prices(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Prices>> {
    let found = app.services.usage.get_prices(&call, GetPricesRequest {}).await?;
    Ok(Json(found.agreed.unwrap_or_default().into()))
}

/// Replace what a workspace agreed on with its providers. It holds for what ends from now on.
#[utoipa::path(put, path = "/workspaces/{workspace_id}/prices", tag = "Logs and usage", request_body = Prices,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "As it is now", body = Prices)))]
pub(crate) async fn put_prices(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<Prices>,
) -> Result<Json<Prices>> {
    let request = PutPricesRequest { agreed: Some(body.into()) };
    let put = app.services.usage.put_prices(&call, request).await?;
    Ok(Json(put.agreed.unwrap_or_default().into()))
}

/// List models that were used and whose price is not known, most used first. Periods are whole quarters of an hour.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/usage/unpriced", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Period),
    responses((status = 200, description = "One entry for each provider and model", body = UnpricedModels)))]
pub(crate) async fn list_unpriced(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(period): Query<Period>,
) -> Result<Json<UnpricedModels>> {
    let (from, to) = period.to_proto();
    let found = app.services.usage.list_unpriced(&call, ListUnpricedRequest { from, to }).await?;
    Ok(Json(UnpricedModels { data: found.models.into_iter().map(Into::into).collect() }))
}

impl From<AgreedPrices> for Prices {
    fn from(agreed: AgreedPrices) -> Self {
        let AgreedPrices { markup_percent, prices } = agreed;
        Self { markup_percent, prices: prices.into_iter().map(Into::into).collect() }
    }
}

impl From<Prices> for AgreedPrices {
    fn from(body: Prices) -> Self {
        let Prices { markup_percent, prices } = body;
        Self { markup_percent, prices: prices.into_iter().map(Into::into).collect() }
    }
}

impl From<AgreedPrice> for Price {
    fn from(price: AgreedPrice) -> Self {
        let AgreedPrice { provider, models, currency, from, to, free, prices } = price;
        Self { provider, models, currency, from, to, free, prices: prices.into_iter().collect() }
    }
}

impl From<Price> for AgreedPrice {
    fn from(price: Price) -> Self {
        let Price { provider, models, currency, from, to, free, prices } = price;
        Self { provider, models, currency, from, to, free, prices: prices.into_iter().collect() }
    }
}

impl From<UnpricedModel> for UnpricedModelBody {
    fn from(found: UnpricedModel) -> Self {
        let UnpricedModel { provider, model, attempts, input_tokens, output_tokens, units } = found;
        Self { provider, model, attempts, input_tokens, output_tokens, units: units.into() }
    }
}
