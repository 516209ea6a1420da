//! `GET /v1/models`, `GET /v1/models/{model}`.

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

/// A model that this caller can use.
#[derive(Serialize, ToSchema)]
pub(crate) struct Model {
    /// What to send as `model`.
    #[schema(example = "simulator/chat")]
    id: String,
    /// Always `model`.
    object: &'static str,
    /// Unix seconds.
    created: i64,
    /// Name of the provider that serves it.
    owned_by: String,
}

/// The models that this caller can use.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// Always `list`.
    object: &'static str,
    /// The models.
    data: Vec<Model>,
}

/// List the models that this key may call.
#[utoipa::path(get, path = "/v1/models", tag = "Models",
    responses((status = 200, description = "The models", body = ModelList)))]
pub(crate) async fn list_models(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<ModelList>> {
    let listed = app.services.gateway.list_models(&call, ListModelsRequest {}).await?;
    Ok(Json(ModelList { object: "list", data: listed.models.into_iter().map(Model::from).collect() }))
}

/// Get a model by any name that `model` accepts. Names may contain slashes.
#[utoipa::path(get, path = "/v1/models/{*model}", tag = "Models",
    params(("model" = String, Path, description = "For instance `simulator/chat`")),
    responses((status = 200, description = "The model", body = Model)))]
pub(crate) async fn get_model(
    State(app): State<Shared>,
    Caller(call): Caller,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Model>> {
    let Path(model) = path.map_err(|_| not_found("the name of the model is no text"))?;
    let found = app.services.gateway.get_model(&call, GetModelRequest { model }).await?;
    found.model.map(|model| Json(model.into())).ok_or_else(|| Error::incomplete("the model"))
}

impl From<proto::gateway::Model> for Model {
    fn from(model: proto::gateway::Model) -> Self {
        Self { id: model.id, object: "model", created: model.created, owned_by: model.owned_by }
    }
}
