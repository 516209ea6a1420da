//! Embeddings: `POST /v1beta/models/{model}:batchEmbedContents`.

use crate::provider::{
    Upstream,
    translate::embed::{Embedded, Wanted},
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Answer {
    embeddings: Vec<Values>,
    #[serde(rename = "usageMetadata")]
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Values {
    values: Vec<f32>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(rename = "promptTokenCount")]
    tokens: Option<i64>,
}

/// The request. `task_type` and `title` are Gemini's own.
pub(super) fn native(wanted: &mut Wanted, model: &str) -> Value {
    let model = if model.contains('/') { model.to_owned() } else { format!("models/{model}") };
    let (task, title) = (wanted.own("task_type"), wanted.own("title"));
    let one = |text: &String| {
        let mut request = json!({"model": model, "content": {"parts": [{"text": text}]}});
        if let Some(task) = &task {
            request["taskType"] = task.clone();
        }
        if let Some(title) = &title {
            request["title"] = title.clone();
        }
        if let Some(dimensions) = wanted.dimensions {
            request["outputDimensionality"] = dimensions.into();
        }
        request
    };
    json!({"requests": wanted.texts.iter().map(one).collect::<Vec<_>>()})
}

pub(super) fn answer(wanted: Wanted, upstream: Upstream) -> Upstream {
    wanted.answer(upstream, |answer: Answer| {
        let numbers = answer.embeddings.into_iter().map(|embedding| embedding.values).collect();
        Some(Embedded { numbers, tokens: answer.usage.and_then(|usage| usage.tokens) })
    })
}
