//! The answer of a provider that refuses a request, in the shape that its client reads.

use super::answer::brief;
use crate::operation::Operation;
use bytes::Bytes;
use serde_json::{Value, json};

/// A refusal's body: the provider's own bytes where they already have the shape that the client reads, else wrapped
/// into it.
pub(crate) fn shaped(operation: Operation, status: u16, body: Bytes) -> Bytes {
    let parsed: Option<Value> = serde_json::from_slice(&body).ok();
    let fits = |v: &Value| match operation {
        Operation::Ollama => v["error"].is_string(),
        Operation::Generate => v["error"]["message"].is_string() && v["error"]["status"].is_string(),
        _ => v["error"]["message"].is_string() && (!operation.is_anthropic() || v["type"] == "error"),
    };
    if parsed.as_ref().is_some_and(fits) {
        return body;
    }
    let said = parsed.as_ref().and_then(message).map(|m| brief(&m));
    let message = said.unwrap_or_else(|| format!("the provider refused the request with HTTP status {status}"));
    object(operation, status, &message, "provider_refused")
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
    let kind = match status {
        401 | 403 => "authentication_error",
        // As OpenAI says it, and as our own limits do.
        429 => "requests",
        _ => "invalid_request_error",
    };
    let error = json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    error.to_string().into()
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
    fn other_shapes_are_wrapped_and_keep_their_sentence() {
        let wrapped = |body: &'static str| -> Value {
            serde_json::from_slice(&shaped(Operation::Chat, 422, Bytes::from_static(body.as_bytes()))).expect("JSON")
        };
        assert_eq!(wrapped(r#"{"detail":"bad temperature"}"#)["error"]["message"], "bad temperature");
        assert_eq!(wrapped(r#"{"error":"model is loading"}"#)["error"]["message"], "model is loading");
        assert!(wrapped("<html>").pointer("/error/message").is_some_and(|m| m.as_str().unwrap().contains("422")));
    }
}
