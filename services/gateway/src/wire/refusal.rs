//! The answer of a provider that refuses a request, in the shape that OpenAI's clients read.

use super::answer::brief;
use bytes::Bytes;
use serde_json::{Value, json};

/// A refusal's body: the provider's own bytes where they already have OpenAI's shape, else wrapped into it.
pub(crate) fn openai_shaped(status: u16, body: Bytes) -> Bytes {
    let parsed: Option<Value> = serde_json::from_slice(&body).ok();
    if parsed.as_ref().is_some_and(|v| v["error"].is_object() && v["error"]["message"].is_string()) {
        return body;
    }
    let said = parsed.as_ref().and_then(message).map(|m| brief(&m));
    let message = said.unwrap_or_else(|| format!("the provider refused the request with HTTP status {status}"));
    object(status, &message, "provider_refused")
}

/// A refusal in our own words.
pub(crate) fn object(status: u16, message: &str, code: &str) -> Bytes {
    let kind = match status {
        401 | 403 => "authentication_error",
        // As OpenAI says it, and as our own limits do.
        429 => "requests",
        _ => "invalid_request_error",
    };
    let error = json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    error.to_string().into()
}

/// Where other servers put their sentence.
fn message(value: &Value) -> Option<String> {
    let places = [&value["error"], &value["message"], &value["detail"], &value["error"]["detail"]];
    places.into_iter().find_map(|v| v.as_str()).filter(|s| !s.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openais_shape_is_passed_on_byte_for_byte() {
        let body = Bytes::from_static(b"{ \"error\" : {\"message\":\"no\",\"type\":\"t\",\"x\":1} }");
        assert_eq!(openai_shaped(400, body.clone()), body);
    }

    #[test]
    fn other_shapes_are_wrapped_and_keep_their_sentence() {
        let wrapped = |body: &'static str| -> Value {
            serde_json::from_slice(&openai_shaped(422, Bytes::from_static(body.as_bytes()))).expect("JSON")
        };
        assert_eq!(wrapped(r#"{"detail":"bad temperature"}"#)["error"]["message"], "bad temperature");
        assert_eq!(wrapped(r#"{"error":"model is loading"}"#)["error"]["message"], "model is loading");
        assert!(wrapped("<html>").pointer("/error/message").is_some_and(|m| m.as_str().unwrap().contains("422")));
    }
}
