//! The OpenAI-compatible face: `/v1`.

mod chat;
pub(crate) mod error;
mod limits;
mod models;
mod rate;
mod schema;
mod sse;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/v1`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(chat::create_chat_completion))
        .routes(routes!(models::list_models))
        .routes(routes!(models::get_model))
        .routes(routes!(limits::list_my_limits))
}
