//! `GET /v1beta/models`, `GET /v1beta/models/{model}`.

use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result, not_found},
    json::Json,
};
use axum::extract::{Path, State, rejection::PathRejection};
use proto::gateway::{GetModelRequest, ListModelsRequest};
use serde::Serialize;
use utoipa::ToSchema;

/// What can be done with every model.
const METHODS: &[&str] = &["generateContent", "streamGenerateContent"];

/// A model as Google's clients know it.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct GeminiModel {
    /// `models/` and its name.
    name: String,
    /// Its name.
    display_name: String,
    /// Who serves it.
    description: String,
    /// What can be done with it.
    #[schema(value_type = Vec<String>)]
    supported_generation_methods: &'static [&'static str],
}

/// The models that this caller can use.
#[derive(Serialize, ToSchema)]
pub(crate) struct GeminiModelList {
    /// All of them: there is one page.
    models: Vec<GeminiModel>,
}

/// List the models that this key may call, for Google's clients.
#[utoipa::path(get, path = "/v1beta/models", tag = "Models",
    responses((status = 200, description = "The models", body = GeminiModelList)))]
pub(crate) async fn list_gemini_models(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<GeminiModelList>> {
    let listed = app.services.gateway.list_models(&call, ListModelsRequest {}).await?;
    Ok(Json(GeminiModelList { models: listed.models.into_iter().map(GeminiModel::from).collect() }))
}

/// Get a model by any name that `model` accepts, for Google's clients.
#[utoipa::path(get, path = "/v1beta/models/{*model}", tag = "Models",
    params(("model" = String, Path, description = "For instance `simulator/chat`")),
    responses((status = 200, description = "The model", body = GeminiModel)))]
pub(crate) async fn get_gemini_model(
    State(app): State<Shared>,
    Caller(call): Caller,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<GeminiModel>> {
    let Path(model) = path.map_err(|_| not_found("the name of the model is no text"))?;
    let found = app.services.gateway.get_model(&call, GetModelRequest { model }).await?;
    found.model.map(|model| Json(model.into())).ok_or_else(|| Error::incomplete("the model"))
}

impl From<proto::gateway::Model> for GeminiModel {
    fn from(model: proto::gateway::Model) -> Self {
        Self {
            name: format!("models/{}", model.id),
            description: format!("served by {}", model.owned_by),
            display_name: model.id,
            supported_generation_methods: METHODS,
        }
    }
}
