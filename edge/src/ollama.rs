//! The face for Ollama's clients: `/api/chat`, `/api/tags`, `/api/version`.

mod chat;
pub(crate) mod error;
mod lines;
mod models;
mod schema;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Where it is: beside the management face, which is under `/api/v1`.
pub(crate) const PATHS: &[&str] = &["/api/chat", "/api/tags", "/api/version"];

/// The routes of Ollama's that exist here.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(chat::create_ollama_chat))
        .routes(routes!(models::list_ollama_models))
        .routes(routes!(models::get_ollama_version))
}
