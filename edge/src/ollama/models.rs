//! `GET /api/tags`, `GET /api/version`.

use crate::{app::Shared, auth::Caller, error::Result, json::Json};
use axum::extract::State;
use chrono::DateTime;
use proto::gateway::{ListModelsRequest, Model};
use serde::Serialize;
use utoipa::ToSchema;

/// A model as Ollama's clients know it.
#[derive(Serialize, ToSchema)]
pub(crate) struct OllamaModel {
    /// What to send as `model`.
    name: String,
    /// The same.
    model: String,
    /// When it was made, RFC 3339.
    modified_at: String,
    /// Always 0: it is not here.
    size: u64,
    /// Always empty, as above.
    digest: &'static str,
    /// Who serves it.
    details: Details,
}

/// What is known of a model.
#[derive(Serialize, ToSchema)]
#[schema(as = OllamaModelDetails)]
struct Details {
    /// Name of the provider that serves it.
    family: String,
}

/// The models that this caller can use.
#[derive(Serialize, ToSchema)]
pub(crate) struct OllamaModelList {
    /// The models.
    models: Vec<OllamaModel>,
}

/// The version.
#[derive(Serialize, ToSchema)]
pub(crate) struct Version {
    /// Of Perpetuo.
    version: &'static str,
}

/// List the models that this key may call, for Ollama's clients.
#[utoipa::path(get, path = "/api/tags", tag = "Models",
    responses((status = 200, description = "The models", body = OllamaModelList)))]
pub(crate) async fn list_ollama_models(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<Json<OllamaModelList>> {
    let listed = app.services.gateway.list_models(&call, ListModelsRequest {}).await?;
    Ok(Json(OllamaModelList { models: listed.models.into_iter().map(OllamaModel::from).collect() }))
}

/// Get the version, for Ollama's clients.
#[utoipa::path(get, path = "/api/version", tag = "Models",
    responses((status = 200, description = "The version", body = Version)))]
pub(crate) async fn get_ollama_version(caller: Caller) -> Json<Version> {
    drop(caller);
    Json(Version { version: env!("CARGO_PKG_VERSION") })
}

impl From<Model> for OllamaModel {
    fn from(model: Model) -> Self {
        let made = DateTime::from_timestamp(model.created, 0).unwrap_or_default();
        Self {
            name: model.id.clone(),
            model: model.id,
            modified_at: made.to_rfc3339(),
            size: 0,
            digest: "",
            details: Details { family: model.owned_by },
        }
    }
}
