//! The OpenAI-compatible face: `/v1`.

mod audio;
mod chat;
mod completions;
mod embeddings;
pub(crate) mod error;
mod images;
pub(crate) mod inference;
mod limits;
mod models;
mod moderations;
pub(crate) mod rate;
mod rerank;
mod responses;
mod schema;
mod sse;
pub(crate) mod wishes;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/v1`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(chat::create_chat_completion))
        .routes(routes!(responses::create_response))
        .routes(routes!(responses::kept::get_response, responses::kept::delete_response))
        .routes(routes!(responses::kept::list_input_items))
        .routes(routes!(completions::create_completion))
        .routes(routes!(embeddings::create_embeddings))
        .routes(routes!(moderations::create_moderation))
        .routes(routes!(images::create_image))
        .routes(routes!(audio::create_transcription))
        .routes(routes!(audio::create_speech))
        .routes(routes!(rerank::rerank))
        .routes(routes!(models::list_models))
        .routes(routes!(models::get_model))
        .routes(routes!(limits::list_my_limits))
}
