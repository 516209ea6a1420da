//! `POST /v1/moderations`.

use super::{
    inference::{self, Raw},
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;
use serde_json::Value;
use utoipa::ToSchema;

/// OpenAI's request. Fields that are not listed pass through to the provider.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
#[schema(example = json!({"model": "simulator/moderation", "input": "A text"}))]
pub(crate) struct ModerationRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: Option<String>,
    /// A text, several, or texts and images.
    input: Value,
}

/// OpenAI's classification.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Moderation {
    /// Its id.
    id: String,
    /// The model that answered.
    model: String,
    /// One result for each input.
    results: Vec<Value>,
}

/// Classify whether a text is harmful.
///
/// OpenAI's `moderations`. Without `model` it is `omni-moderation-latest`.
#[utoipa::path(
    post, path = "/v1/moderations", tag = "Models",
    params(Wishes),
    request_body(content = ModerationRequest, content_type = "application/json"),
    responses((status = 200, description = "OpenAI's classification", body = Moderation)),
)]
pub(crate) async fn create_moderation(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Moderations, body).await
}
