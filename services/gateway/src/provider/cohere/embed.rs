//! Embeddings: `POST /v2/embed`.

use crate::provider::{
    Upstream,
    translate::embed::{Embedded, Wanted},
};
use serde::Deserialize;
use serde_json::{Value, json};

/// What texts are for, where the client does not say (`input_type`): Cohere wants to know.
const INPUT_TYPE: &str = "search_document";

#[derive(Deserialize)]
struct Answer {
    embeddings: ByType,
    meta: Option<Meta>,
}

#[derive(Deserialize)]
struct ByType {
    float: Option<Vec<Vec<f32>>>,
}

#[derive(Deserialize)]
struct Meta {
    billed_units: Option<Units>,
}

#[derive(Deserialize)]
struct Units {
    input_tokens: Option<f64>,
}

/// The request. `input_type` and `truncate` are Cohere's own.
pub(super) fn native(wanted: &mut Wanted, model: &str) -> Value {
    let input_type = wanted.own("input_type").unwrap_or_else(|| INPUT_TYPE.into());
    let mut request =
        json!({"model": model, "texts": wanted.texts, "input_type": input_type, "embedding_types": ["float"]});
    if let Some(dimensions) = wanted.dimensions {
        request["output_dimension"] = dimensions.into();
    }
    if let Some(truncate) = wanted.own("truncate") {
        request["truncate"] = truncate;
    }
    request
}

pub(super) fn answer(wanted: Wanted, upstream: Upstream) -> Upstream {
    wanted.answer(upstream, |answer: Answer| {
        let tokens = answer.meta.and_then(|meta| meta.billed_units?.input_tokens);
        Some(Embedded { numbers: answer.embeddings.float?, tokens: tokens.map(|tokens| tokens.round() as i64) })
    })
}
