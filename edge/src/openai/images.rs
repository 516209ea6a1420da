//! `POST /v1/images/generations`.

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
#[schema(example = json!({"model": "simulator/image", "prompt": "A lighthouse"}))]
pub(crate) struct ImageRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: Option<String>,
    /// What to show.
    prompt: String,
    /// How many.
    n: Option<i64>,
    /// `url` or `b64_json`.
    response_format: Option<String>,
}

/// The images.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Images {
    /// Unix seconds.
    created: i64,
    /// Each with `url` or `b64_json`.
    data: Vec<Value>,
    /// Tokens used, where the model counts them.
    usage: Option<Value>,
}

/// Create images.
///
/// OpenAI's `images/generations`. Without `model` it is `dall-e-2`.
#[utoipa::path(
    post, path = "/v1/images/generations", tag = "Models",
    params(Wishes),
    request_body(content = ImageRequest, content_type = "application/json"),
    responses((status = 200, description = "The images", content(
        (Images = "application/json"),
        (String = "text/event-stream"),
    ))),
)]
pub(crate) async fn create_image(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Images, body).await
}
