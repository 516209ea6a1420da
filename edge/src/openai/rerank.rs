//! `POST /v1/rerank`.

use super::{
    inference::{self, Raw},
    wishes::Wishes,
};
use crate::{app::Shared, auth::Caller, error::Result};
use axum::{extract::State, response::Response};
use proto::gateway::Operation;
use serde_json::Value;
use utoipa::ToSchema;

/// Cohere's and Jina's request. Fields that are not listed pass through to the provider.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
#[schema(example = json!({"model": "simulator/rerank", "query": "A fruit", "documents": ["An apple is a fruit", "A car"]}))]
pub(crate) struct RerankRequest {
    /// A model of `GET /v1/models`, or `<provider name>/<model>`.
    model: String,
    /// What is looked for.
    query: String,
    /// Texts, or objects with a `text`.
    documents: Vec<Value>,
    /// How many of the best to answer.
    top_n: Option<i64>,
    /// Whether to repeat the documents.
    return_documents: Option<bool>,
}

/// The best documents first.
#[derive(ToSchema)]
#[expect(dead_code, reason = "described, never built: the body passes through as it came")]
pub(crate) struct Ranking {
    /// Each with `index` and `relevance_score`.
    results: Vec<Value>,
    /// What was used, in the provider's words.
    meta: Option<Value>,
}

/// Order documents by how well they answer a query.
///
/// The shape that Cohere and Jina have, and servers such as vLLM.
#[utoipa::path(
    post, path = "/v1/rerank", tag = "Models",
    params(Wishes),
    request_body(content = RerankRequest, content_type = "application/json"),
    responses((status = 200, description = "The best documents first", body = Ranking)),
)]
pub(crate) async fn rerank(
    State(app): State<Shared>,
    Caller(call): Caller,
    wishes: Wishes,
    Raw(body): Raw,
) -> Result<Response> {
    inference::answer(&app, &call, wishes, Operation::Rerank, body).await
}
