//! What does a chat completion say, in Gemini's words?

use crate::wire::usage;
use proto::usage::Tokens;
use serde_json::{Value, json};

/// A whole response.
pub(in crate::pivot) fn response(chat: &Value, used: &Tokens) -> Value {
    let candidate = |choice: &Value| {
        let parts = parts(&choice["message"]);
        let told = candidate(choice["index"].as_i64().unwrap_or_default(), parts, choice["finish_reason"].as_str());
        weighed(told, &choice["logprobs"])
    };
    let candidates: Vec<Value> = chat["choices"].as_array().into_iter().flatten().map(candidate).collect();
    json!({
        "candidates": candidates, "usageMetadata": told(used), "modelVersion": chat["model"], "responseId": chat["id"],
    })
}

pub(super) fn candidate(index: i64, parts: Vec<Value>, reason: Option<&str>) -> Value {
    let mut candidate = json!({"content": {"role": "model", "parts": parts}, "index": index});
    if let Some(reason) = reason {
        candidate["finishReason"] = match reason {
            "length" => "MAX_TOKENS",
            "content_filter" => "SAFETY",
            // Gemini calls tools and stops.
            _ => "STOP",
        }
        .into();
    }
    candidate
}

/// With how likely its tokens were, where the answer says it.
pub(super) fn weighed(mut candidate: Value, logprobs: &Value) -> Value {
    let tokens = logprobs["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    if tokens.is_empty() {
        return candidate;
    }
    let one = |token: &Value| json!({"token": token["token"], "logProbability": token["logprob"]});
    let others = |token: &Value| {
        let all: Vec<Value> = token["top_logprobs"].as_array().into_iter().flatten().map(one).collect();
        json!({"candidates": all})
    };
    candidate["logprobsResult"] = json!({
        "chosenCandidates": tokens.iter().map(one).collect::<Vec<_>>(),
        "topCandidates": tokens.iter().map(others).collect::<Vec<_>>(),
    });
    candidate
}

/// The parts of a message.
fn parts(said: &Value) -> Vec<Value> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let mut parts = Vec::new();
    let thought = text(&said["reasoning_content"]).or_else(|| text(&said["reasoning"]));
    parts.extend(thought.map(|text| json!({"text": text, "thought": true})));
    let texts = [text(&said["content"]), text(&said["refusal"])].into_iter().flatten();
    parts.extend(texts.map(|text| signed(json!({"text": text}), &said["extra_content"])));
    for call in said["tool_calls"].as_array().into_iter().flatten() {
        let function = &call["function"];
        let arguments = function["arguments"].as_str().unwrap_or_default();
        let part = called(&call["id"], &function["name"], arguments);
        parts.push(signed(part, &call["extra_content"]));
    }
    parts.extend(said["images"].as_array().into_iter().flatten().filter_map(picture));
    parts
}

/// The signature that belongs to a part, if there is one.
pub(super) fn signed(mut part: Value, extra: &Value) -> Value {
    let signature = &extra["google"]["thought_signature"];
    if signature.is_string() {
        part["thoughtSignature"] = signature.clone();
    }
    part
}

pub(super) fn called(id: &Value, name: &Value, arguments: &str) -> Value {
    // What is no JSON object is kept as text, rather than lost.
    let args = match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => fields.into(),
        _ if arguments.trim().is_empty() => json!({}),
        _ => json!({"_unparsed": arguments}),
    };
    json!({"functionCall": {"id": id, "name": name, "args": args}})
}

/// A picture that is in the answer itself.
pub(super) fn picture(image: &Value) -> Option<Value> {
    let (kind, data) = image["image_url"]["url"].as_str()?.strip_prefix("data:")?.split_once(";base64,")?;
    Some(json!({"inlineData": {"mimeType": kind, "data": data}}))
}

/// What was used: thinking is counted beside the answer, what is cached within the prompt.
pub(super) fn told(used: &Tokens) -> Value {
    let (asked, answered) = usage::sums(used);
    let mut told = json!({
        "promptTokenCount": asked, "candidatesTokenCount": answered - used.reasoning, "totalTokenCount": asked + answered,
    });
    if used.cache_read > 0 {
        told["cachedContentTokenCount"] = used.cache_read.into();
    }
    if used.reasoning > 0 {
        told["thoughtsTokenCount"] = used.reasoning.into();
    }
    told
}
