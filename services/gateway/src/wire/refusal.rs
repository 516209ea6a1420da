//! The answer of a provider that refuses a request, in the shape that its client reads.

use super::answer::brief;
use crate::{operation::Operation, pivot};
use bytes::Bytes;
use serde_json::{Map, Value, json};

/// A refusal's body: the provider's own bytes where they already have the shape that the client reads, else wrapped
/// into it.
pub(crate) fn shaped(operation: Operation, status: u16, body: Bytes) -> Bytes {
    let parsed: Option<Value> = serde_json::from_slice(&body).ok();
    let fits = |v: &Value| match operation {
        Operation::Ollama => v["error"].is_string(),
        Operation::Generate => v["error"]["message"].is_string() && v["error"]["status"].is_string(),
        Operation::Messages | Operation::CountTokens => v["type"] == "error" && is_named(&v["error"]),
        _ => is_named(&v["error"]),
    };
    if parsed.as_ref().is_some_and(fits) {
        return body;
    }
    let is_openais = !operation.is_anthropic() && !pivot::is_needed(operation);
    if let Some(Value::Object(error)) =
        parsed.as_ref().map(|v| &v["error"]).filter(|e| is_openais && e["message"].is_string())
    {
        return completed(error.clone(), status);
    }
    let said = parsed.as_ref().and_then(message).map(|m| brief(&m));
    let message = said.unwrap_or_else(|| format!("the provider refused the request with HTTP status {status}"));
    object(operation, status, &message, "provider_refused")
}

/// Whether it has the two fields that clients read.
fn is_named(error: &Value) -> bool {
    error["message"].is_string() && error["type"].is_string()
}

/// An error of OpenAI's shape that leaves out what OpenAI never does: many servers do. What it says of its own stays.
fn completed(mut error: Map<String, Value>, status: u16) -> Bytes {
    error.insert("type".to_owned(), openai_type(status).into());
    for name in ["param", "code"] {
        error.entry(name).or_insert(Value::Null);
    }
    json!({"error": error}).to_string().into()
}

/// A refusal in our own words.
pub(crate) fn object(operation: Operation, status: u16, message: &str, code: &str) -> Bytes {
    match operation {
        Operation::Ollama => return json!({"error": message}).to_string().into(),
        Operation::Generate => {
            let name = google_name(status);
            return json!({"error": {"code": status, "message": message, "status": name}}).to_string().into();
        }
        _ => {}
    }
    if operation.is_anthropic() {
        let kind = match status {
            401 => "authentication_error",
            403 => "permission_error",
            404 => "not_found_error",
            413 => "request_too_large",
            429 => "rate_limit_error",
            _ => "invalid_request_error",
        };
        return json!({"type": "error", "error": {"type": kind, "message": message, "code": code}}).to_string().into();
    }
    let error = json!({"error": {"message": message, "type": openai_type(status), "param": null, "code": code}});
    error.to_string().into()
}

const fn openai_type(status: u16) -> &'static str {
    match status {
        401 | 403 => "authentication_error",
        // As OpenAI says it, and as our own limits do.
        429 => "requests",
        _ => "invalid_request_error",
    }
}

/// Google's name for a status (cloud.google.com/apis/design/errors).
const fn google_name(status: u16) -> &'static str {
    match status {
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        _ => "INVALID_ARGUMENT",
    }
}

/// Where other servers put their sentence.
fn message(value: &Value) -> Option<String> {
    let places =
        [&value["error"]["message"], &value["error"], &value["message"], &value["detail"], &value["error"]["detail"]];
    places.into_iter().find_map(|v| v.as_str()).filter(|s| !s.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openais_shape_is_passed_on_byte_for_byte() {
        let body = Bytes::from_static(b"{ \"error\" : {\"message\":\"no\",\"type\":\"t\",\"x\":1} }");
        assert_eq!(shaped(Operation::Chat, 400, body.clone()), body);
    }

    #[test]
    fn an_error_without_a_type_gets_one_and_keeps_what_it_says() {
        let said =
            Bytes::from_static(br#"{"error":{"message":"slow down","code":429,"metadata":{"x":1}},"user_id":"u"}"#);
        let told: Value = serde_json::from_slice(&shaped(Operation::Chat, 429, said)).expect("JSON");
        let error =
            json!({"message": "slow down", "type": "requests", "param": null, "code": 429, "metadata": {"x": 1}});
        assert_eq!(told, json!({"error": error}));
    }

    #[test]
    fn other_shapes_are_wrapped_and_keep_their_sentence() {
        let wrapped = |body: &'static str| -> Value {
            serde_json::from_slice(&shaped(Operation::Chat, 422, Bytes::from_static(body.as_bytes()))).expect("JSON")
        };
        assert_eq!(wrapped(r#"{"detail":"bad temperature"}"#)["error"]["message"], "bad temperature");
        assert_eq!(wrapped(r#"{"error":"model is loading"}"#)["error"]["message"], "model is loading");
        assert!(wrapped("<html>").pointer("/error/message").is_some_and(|m| m.as_str().unwrap().contains("422")));
    }
}
