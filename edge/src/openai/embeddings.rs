//! `POST /v1/embeddings`.

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
#[schema(example = json!({"model": "simulator/embed", "input": ["A text", "Another one"]}))]
pub(crate) struct EmbeddingsRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// A text, an array of texts, or arrays of tokens.
    input: Value,
    /// How many numbers an embedding has, where the model lets one choose.
    dimensions: Option<i64>,
    /// `float` or `base64`.
    encoding_format: Option<String>,
}

/// OpenAI's answer.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Embeddings {
    /// Always `list`.
    object: String,
    /// One embedding for each text.
    data: Vec<Embedding>,
    /// The model that answered.
    model: String,
    /// `prompt_tokens` and `total_tokens`.
    usage: Value,
}

/// One embedding.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Embedding {
    /// Always `embedding`.
    object: String,
    /// Which of the texts.
    index: i32,
    /// Numbers, or as base64 the little-endian 32-bit numbers.
    embedding: Value,
}

/// Create embeddings.
///
/// OpenAI's `embeddings`. Providers whose own form differs are asked in theirs and answer in this one.
#[utoipa::path(
    post, path = "/v1/embeddings", tag = "Models",
    params(Wishes),
    request_body(content = EmbeddingsRequest, content_type = "application/json"),
    responses((status = 200, description = "The embeddings", body = Embeddings)),
)]
pub(crate) async fn create_embeddings(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Embeddings, body).await
}
