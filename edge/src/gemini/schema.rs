//! What generated content looks like, for the API description. The shapes are Google's.
#![expect(dead_code, reason = "these shapes are described, never built")]

use serde_json::Value;
use utoipa::ToSchema;

/// Gemini's request.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
#[schema(example = json!({"contents": [{"role": "user", "parts": [{"text": "Say hello"}]}]}))]
pub(crate) struct GenerateRequest {
    /// The conversation so far.
    contents: Vec<Value>,
    /// Instructions.
    system_instruction: Option<Value>,
    /// How to answer: `temperature`, `maxOutputTokens`, `responseSchema`, `thinkingConfig`, …
    generation_config: Option<Value>,
    /// `functionDeclarations`: functions that the model may call.
    tools: Option<Vec<Value>>,
    /// `functionCallingConfig`: whether it must.
    tool_config: Option<Value>,
}

/// Gemini's response.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct GenerateResponse {
    /// Each with `content`, whose `parts` are texts, thoughts and calls of functions, and `finishReason`.
    candidates: Vec<Value>,
    /// Tokens used.
    usage_metadata: Option<Value>,
    /// The model that answered.
    model_version: Option<String>,
    /// The provider's id of the answer.
    response_id: Option<String>,
}
