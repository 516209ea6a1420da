//! Parts of a resource, found by their names in any case.

use serde_json::{Map, Value};

/// A member of an object.
pub(super) fn member<'a>(of: &'a Value, name: &str) -> Option<&'a Value> {
    let members = of.as_object()?;
    members.get(name).or_else(|| members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Sets a member under the name that it has already, in whatever case. Null takes it away.
pub(super) fn set(of: &mut Map<String, Value>, name: &str, value: Value) {
    let key = of.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned().unwrap_or_else(|| name.to_owned());
    if value.is_null() {
        of.remove(&key);
    } else {
        of.insert(key, value);
    }
}

/// What an attribute, or a part of it, holds: of several values each, and of one with parts that called `value`.
pub(super) fn all<'a>(of: &'a Value, name: &str, part: Option<&str>) -> Vec<&'a Value> {
    let each: Vec<&Value> = match member(of, name) {
        None => vec![],
        Some(Value::Array(items)) => items.iter().collect(),
        Some(one) => vec![one],
    };
    match part {
        Some(part) => each.into_iter().filter_map(|value| member(value, part)).collect(),
        None => each.into_iter().map(|value| member(value, "value").unwrap_or(value)).collect(),
    }
}

/// True and false, also as the texts that Microsoft Entra sends.
pub(super) fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}
