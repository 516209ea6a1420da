//! What the simulator answers to operations that are no chat.

use super::{Ask, embed, pieces, sound};
use crate::operation::Operation;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use serde_json::{Value, json};
use std::collections::HashSet;

/// One grey pixel (PNG).
const PICTURE: &[u8] = &[
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, 0x00, 0x00, 0x00, 0x3a, 0x7e, 0x9b, 0x55, 0x00, 0x00, 0x00, 0x0a, 0x49,
    0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x68, 0x00, 0x00, 0x00, 0x82, 0x00, 0x81, 0xda, 0x45, 0x08, 0x3b, 0x00, 0x00,
    0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82,
];
const HARMS: &[&str] = &[
    "harassment",
    "harassment/threatening",
    "hate",
    "hate/threatening",
    "illicit",
    "illicit/violent",
    "self-harm",
    "self-harm/instructions",
    "self-harm/intent",
    "sexual",
    "sexual/minors",
    "violence",
    "violence/graphic",
];

/// Whether it has the operation in words of its own. What can be asked as a chat completion, it is asked as one.
pub(super) const fn takes(operation: Operation) -> bool {
    !matches!(
        operation,
        Operation::Completions
            | Operation::Responses
            | Operation::Messages
            | Operation::CountTokens
            | Operation::Generate
            | Operation::Ollama
    )
}

/// The media type and the parts of an answer. Errors: a sentence about what is wrong with the request.
pub(super) fn answer(operation: Operation, ask: &Ask<'_>, created: i64) -> Result<(&'static str, Vec<Bytes>), String> {
    if operation == Operation::Transcriptions {
        let format = field(ask.body, "response_format").unwrap_or_default();
        return Ok(sound::transcription(ask.body, format, ask.peek.stream));
    }
    let request: Value = serde_json::from_slice(ask.body).map_err(|e| format!("the body is not valid JSON: {e}"))?;
    let answer = match operation {
        Operation::Embeddings => embed::embed(ask.model, &request)?,
        Operation::Moderations => moderation(ask.model, &request["input"]),
        Operation::Images if ask.peek.stream => return Ok(("text/event-stream", picture_events(&request, created))),
        Operation::Images => pictures(&request, created)?,
        Operation::Rerank => ranking(&request)?,
        Operation::Speech if ask.peek.stream => return Ok(("text/event-stream", sound::events(&request)?)),
        Operation::Speech => return Ok(("audio/wav", vec![sound::speak(&request)?])),
        other => return Err(format!("the simulator does not offer {}", other.name())),
    };
    Ok((super::JSON, vec![answer.to_string().into()]))
}

/// A short text of a form, which the gateway has read already.
fn field<'a>(form: &'a [u8], name: &str) -> Option<&'a str> {
    let needle = format!("name=\"{name}\"\r\n\r\n");
    let from = memchr::memmem::find(form, needle.as_bytes())? + needle.len();
    let length = memchr::memmem::find(&form[from..], b"\r\n")?;
    std::str::from_utf8(&form[from..from + length]).ok()
}

/// A text is harmful if it names a harm.
fn moderation(model: &str, input: &Value) -> Value {
    let one = |text: &str| {
        let text = text.to_lowercase();
        let is_in = |harm: &str| text.contains(harm.split('/').next().unwrap_or(harm)) && !harm.contains('/');
        let categories: Value = HARMS.iter().map(|harm| ((*harm).to_owned(), Value::from(is_in(harm)))).collect();
        let scores: Value =
            HARMS.iter().map(|harm| ((*harm).to_owned(), Value::from(if is_in(harm) { 0.99 } else { 0.01 }))).collect();
        let types: Value = HARMS.iter().map(|harm| ((*harm).to_owned(), json!(["text"]))).collect();
        let flagged = HARMS.iter().any(|harm| is_in(harm));
        json!({
            "flagged": flagged, "categories": categories, "category_scores": scores,
            "category_applied_input_types": types,
        })
    };
    let results: Vec<Value> = match input {
        Value::Array(many) => {
            many.iter().map(|part| one(part.as_str().or(part["text"].as_str()).unwrap_or(""))).collect()
        }
        input => vec![one(input.as_str().unwrap_or_default())],
    };
    json!({"id": "modr-simulator", "model": model, "results": results})
}

fn pictures(request: &Value, created: i64) -> Result<Value, String> {
    let prompt = request["prompt"].as_str().filter(|text| !text.is_empty()).ok_or("'prompt' must be a text")?;
    let count = usize::try_from(request["n"].as_u64().unwrap_or(1)).unwrap_or(1).clamp(1, 10);
    let picture = STANDARD.encode(PICTURE);
    let one = match request["response_format"].as_str() {
        // There is no place from which it could be fetched.
        Some("url") => json!({"url": format!("data:image/png;base64,{picture}")}),
        _ => json!({"b64_json": picture}),
    };
    let input = pieces::count(prompt);
    let output = i64::try_from(count).unwrap_or(1);
    let usage = json!({
        "input_tokens": input, "input_tokens_details": {"text_tokens": input, "image_tokens": 0},
        "output_tokens": output, "total_tokens": input + output,
    });
    Ok(json!({"created": created, "data": vec![one; count], "usage": usage}))
}

fn picture_events(request: &Value, created: i64) -> Vec<Bytes> {
    let picture = STANDARD.encode(PICTURE);
    let input = pieces::count(request["prompt"].as_str().unwrap_or_default());
    let usage = json!({
        "input_tokens": input, "input_tokens_details": {"text_tokens": input, "image_tokens": 0},
        "output_tokens": 1, "total_tokens": input + 1,
    });
    let count = usize::try_from(request["n"].as_u64().unwrap_or(1)).unwrap_or(1).clamp(1, 10);
    let event = json!({
        "type": "image_generation.completed", "b64_json": picture, "created_at": created, "size": "1024x1024",
        "quality": "low", "background": "opaque", "output_format": "png", "usage": usage,
    });
    vec![Bytes::from(format!("event: image_generation.completed\ndata: {event}\n\n")); count]
}

/// The more words of the query a document has, the better.
fn ranking(request: &Value) -> Result<Value, String> {
    let words = |text: &str| -> HashSet<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let query = request["query"].as_str().ok_or("'query' must be a text")?;
    let documents = request["documents"].as_array().filter(|d| !d.is_empty()).ok_or("'documents' must not be empty")?;
    let texts: Option<Vec<&str>> = documents.iter().map(|d| d.as_str().or(d["text"].as_str())).collect();
    let texts = texts.ok_or("each of 'documents' must be a text, or an object with a 'text'")?;
    let asked = words(query);
    let mut ranked: Vec<(usize, usize)> =
        texts.iter().map(|text| words(text).intersection(&asked).count()).enumerate().collect();
    ranked.sort_by_key(|(index, shared)| (usize::MAX - shared, *index));
    let most = request["top_n"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(ranked.len());
    let with_documents = request["return_documents"] == true;
    let total = u32::try_from(asked.len().max(1)).unwrap_or(u32::MAX);
    let result = |(index, shared): &(usize, usize)| {
        let score = f64::from(u32::try_from(*shared).unwrap_or(0)) / f64::from(total);
        let mut result = json!({"index": index, "relevance_score": score});
        if with_documents {
            result["document"] = json!({"text": texts[*index]});
        }
        result
    };
    let results: Vec<Value> = ranked.iter().take(most).map(result).collect();
    let tokens: i64 = pieces::count(query) + texts.iter().map(|text| pieces::count(text)).sum::<i64>();
    Ok(json!({
        "id": "rerank-simulator", "model": request["model"], "results": results,
        "usage": {"total_tokens": tokens}, "meta": {"billed_units": {"search_units": 1}},
    }))
}
