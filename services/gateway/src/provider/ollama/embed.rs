//! Embeddings: `POST /api/embed`.

use crate::provider::{
    Upstream,
    translate::embed::{Embedded, Wanted},
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Answer {
    embeddings: Vec<Vec<f32>>,
    prompt_eval_count: Option<i64>,
}

/// The request. `truncate`, `keep_alive` and `options` are Ollama's own.
pub(super) fn native(wanted: &mut Wanted, model: &str) -> Value {
    let mut request = json!({"model": model, "input": wanted.texts});
    if let Some(dimensions) = wanted.dimensions {
        request["dimensions"] = dimensions.into();
    }
    for field in ["truncate", "keep_alive", "options"] {
        if let Some(value) = wanted.own(field) {
            request[field] = value;
        }
    }
    request
}

pub(super) fn answer(wanted: Wanted, upstream: Upstream) -> Upstream {
    wanted.answer(upstream, |answer: Answer| {
        Some(Embedded { numbers: answer.embeddings, tokens: answer.prompt_eval_count })
    })
}
