//! Items of a conversation: each with an id where they are shown, without one where they are told to somebody else.

use serde_json::{Value, json};

/// What everybody who has responses understands.
const TOLD: &[&str] =
    &["message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"];

/// The items that an input is, as it was sent.
pub(super) fn of(input: Option<Value>) -> Vec<Value> {
    match input {
        Some(Value::Array(items)) => items,
        Some(Value::String(text)) => {
            vec![json!({"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]})]
        }
        _ => vec![],
    }
}

/// The same as they are shown: whole, and each with an id. `origin` is in the ids of those that have none.
pub(super) fn shown(items: Vec<Value>, origin: &str) -> Vec<Value> {
    items.into_iter().enumerate().map(|(n, item)| one_shown(item, origin, n)).collect()
}

fn one_shown(mut item: Value, origin: &str, n: usize) -> Value {
    let kind = kind(&item).to_owned();
    let Value::Object(fields) = &mut item else { return item };
    if kind == "message"
        && let Some(Value::String(text)) = fields.get("content")
    {
        let part = if fields.get("role").and_then(Value::as_str) == Some("assistant") {
            json!([{"type": "output_text", "text": text, "annotations": []}])
        } else {
            json!([{"type": "input_text", "text": text}])
        };
        fields.insert("content".to_owned(), part);
    }
    if fields.get("id").and_then(Value::as_str).is_none_or(str::is_empty) {
        let prefix = match kind.as_str() {
            "message" => "msg",
            "function_call" => "fc",
            "function_call_output" => "fco",
            "reasoning" => "rs",
            _ => "item",
        };
        fields.insert("id".to_owned(), format!("{prefix}_{origin}{n:02x}").into());
    }
    fields.insert("type".to_owned(), kind.into());
    fields.entry("status").or_insert_with(|| "completed".into());
    item
}

/// The items as another provider takes them. Their ids mean nothing there; what it thought or looked up elsewhere is left
/// out, and named in `lost`.
pub(super) fn told(items: Vec<Value>, lost: &mut Vec<String>) -> Vec<Value> {
    let mut told = Vec::with_capacity(items.len());
    for mut item in items {
        let kind = kind(&item);
        if !TOLD.contains(&kind) {
            let name = format!("input.{kind}");
            if !lost.contains(&name) {
                lost.push(name);
            }
            continue;
        }
        if let Value::Object(fields) = &mut item {
            fields.remove("id");
            fields.remove("status");
        }
        told.push(item);
    }
    told
}

/// An item without a type is a message.
fn kind(item: &Value) -> &str {
    item["type"].as_str().unwrap_or("message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_shown_with_ids_and_told_without() {
        let items = of(Some(json!([{"role": "user", "content": "Hi"}, {"type": "reasoning", "id": "rs_1"}])));
        let shown = shown(items, "ab");
        assert_eq!(shown[0]["id"], "msg_ab00");
        assert_eq!(shown[0]["content"], json!([{"type": "input_text", "text": "Hi"}]));
        assert_eq!(shown[1]["id"], "rs_1");
        let mut lost = vec![];
        let told = told(shown, &mut lost);
        assert_eq!(told.len(), 1);
        assert_eq!((told[0].get("id"), told[0].get("status")), (None, None));
        assert_eq!(lost, ["input.reasoning"]);
        assert_eq!(of(Some(json!("Hi")))[0]["content"][0]["text"], "Hi");
    }
}
