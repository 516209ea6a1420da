//! Is what this answers what Stripe could answer? Each object is held to what Stripe's has: no other fields, and values of their kind.

use serde_json::Value;

const FACTS: &str = include_str!("objects.txt");

/// Panics where an object, in a list as well, has what Stripe's has not.
pub(crate) fn hold(shown: &Value) {
    let Some(kind) = shown["object"].as_str() else { return };
    if matches!(kind, "list" | "search_result") {
        shown["data"].as_array().unwrap().iter().for_each(hold);
        return;
    }
    for (field, value) in shown.as_object().unwrap() {
        let name = format!("{kind} {field}: ");
        let found = FACTS.lines().find_map(|line| line.strip_prefix(&name));
        let kinds = found.unwrap_or_else(|| panic!("Stripe's {kind} has no {field}"));
        assert!(kinds.split(' ').any(|kind| is_of(value, kind)), "{field} of a {kind} is {value}, and not {kinds}");
    }
}

fn is_of(value: &Value, kind: &str) -> bool {
    match (kind.strip_prefix('='), value) {
        (Some(texts), Value::String(text)) => texts.split(',').any(|known| known == text),
        (Some(_), _) => false,
        (None, Value::Null) => kind == "null",
        (None, Value::Bool(_)) => kind == "boolean",
        (None, Value::Number(_)) => kind == "number",
        (None, Value::String(_)) => kind == "string",
        (None, Value::Array(_)) => kind == "array",
        (None, Value::Object(_)) => kind == "object",
    }
}
