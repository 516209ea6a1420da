//! What errors look like on each surface.

use proto::gateway::Operation;
use serde_json::Value;

/// The sentence of an error in the shape that clients of the surface read. Panics: it has another one.
pub fn sentence(what: &str, operation: Operation, status: i32, body: &str) -> String {
    let told: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{what}: {e}: {body}"));
    let error = &told["error"];
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty() && *text != "None").map(str::to_owned);
    let has = |value: &Value| assert!(text(value).is_some(), "{what}: {body}");
    let sentence = match operation {
        Operation::OllamaChat => error,
        Operation::GenerateContent => {
            assert_eq!(error["code"], status, "{what}: {body}");
            has(&error["status"]);
            &error["message"]
        }
        Operation::Messages | Operation::CountTokens => {
            assert_eq!(told["type"], "error", "{what}: {body}");
            has(&error["type"]);
            &error["message"]
        }
        _ => {
            has(&error["type"]);
            &error["message"]
        }
    };
    text(sentence).unwrap_or_else(|| panic!("{what}: {body}"))
}
