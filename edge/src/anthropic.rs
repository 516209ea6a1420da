//! The face for Anthropic's clients: `/v1/messages`.

pub(crate) mod error;
mod messages;
mod schema;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/v1/messages`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(messages::create_message)).routes(routes!(messages::count_message_tokens))
}
