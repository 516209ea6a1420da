//! The OpenAI-compatible face: `/v1`.

mod chat;
mod embeddings;
pub(crate) mod error;
pub(crate) mod inference;
mod limits;
mod models;
pub(crate) mod rate;
mod schema;
mod sse;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/v1`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(chat::create_chat_completion))
        .routes(routes!(embeddings::create_embeddings))
        .routes(routes!(models::list_models))
        .routes(routes!(models::get_model))
        .routes(routes!(limits::list_my_limits))
}
