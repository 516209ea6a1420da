//! The face for Google's clients: `/v1beta/models`, and `/v1/models` where they say so.

pub(crate) mod error;
mod generate;
mod models;
mod schema;
pub(crate) mod version;

use crate::app::Shared;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/v1beta`.
pub(crate) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(models::list_gemini_models))
        .routes(routes!(models::get_gemini_model, generate::generate_content))
}
