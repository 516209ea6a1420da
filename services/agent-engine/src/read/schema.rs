//! Where does a document break its schema? As much of JSON Schema as `data/schema` uses.

use serde_json::Value;

/// One place that breaks the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// RFC 6901, such as `/claims/0/unit`; empty: the document.
    pub pointer: String,
    /// What is wrong, for a model to repair.
    pub message: String,
}

impl Problem {
    pub(super) fn new(pointer: &str, message: impl Into<String>) -> Self {
        Self { pointer: pointer.to_owned(), message: message.into() }
    }
}

/// Every place where a document breaks its schema, in order; none: it is as it should be.
pub fn validate(value: &Value, schema: &Value) -> Vec<Problem> {
    let mut problems = Vec::new();
    check(value, schema, "", &mut problems);
    problems
}

fn check(value: &Value, schema: &Value, pointer: &str, problems: &mut Vec<Problem>) {
    if let Some(message) = wrong(value, schema) {
        problems.push(Problem::new(pointer, message));
        return;
    }
    match value {
        Value::Object(fields) => {
            for name in required(schema).filter(|name| !fields.contains_key(*name)) {
                problems.push(Problem::new(pointer, format!("the field {name:?} is missing")));
            }
            for (name, field) in fields {
                let pointer = below(pointer, name);
                match property(schema, name) {
                    Some(schema) => check(field, schema, &pointer, problems),
                    None if is_closed(schema) => problems.push(Problem::new(&pointer, "there is no such field")),
                    None => {}
                }
            }
        }
        Value::Array(items) => {
            if let Some(most) = max_items(schema).filter(|most| items.len() > *most) {
                problems.push(Problem::new(pointer, format!("has {} items, at most {most} are allowed", items.len())));
            }
            for (n, item) in items.iter().enumerate() {
                if let Some(schema) = schema.get("items") {
                    check(item, schema, &below(pointer, &n.to_string()), problems);
                }
            }
        }
        _ => {}
    }
}

/// What is wrong with a value itself, whatever is in it.
pub(super) fn wrong(value: &Value, schema: &Value) -> Option<String> {
    let types = types(schema);
    if !types.is_empty() && !types.iter().any(|name| is_of(value, name)) {
        return Some(format!("must be {}", types.join(" or ")));
    }
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array)
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        return Some(format!("must be one of {}", allowed.join(", ")));
    }
    let number = value.as_f64()?;
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    match (bound("minimum"), bound("maximum")) {
        (Some(least), _) if number < least => Some(format!("must be at least {least}")),
        (_, Some(most)) if number > most => Some(format!("must be at most {most}")),
        _ => None,
    }
}

pub(super) fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn required(schema: &Value) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

pub(super) fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

pub(super) fn is_closed(schema: &Value) -> bool {
    schema.get("additionalProperties") == Some(&Value::Bool(false))
}

pub(super) fn max_items(schema: &Value) -> Option<usize> {
    schema.get("maxItems").and_then(Value::as_u64).and_then(|most| usize::try_from(most).ok())
}

pub(super) fn below(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_break_is_told_with_its_place() {
        let schema: Value = serde_json::from_str(include_str!("../../data/schema/ballot.json")).expect("a schema");
        let vote = json!({"choice": "o1", "approve": true, "confidence": 0.5, "reason": "", "would_change_if": ""});
        assert_eq!(validate(&json!({"votes": [vote]}), &schema), []);
        let wrong =
            json!({"votes": [{"choice": 1, "approve": true, "confidence": 1.5, "reason": "", "a/b": 0}], "x": 1});
        let found: Vec<(String, String)> =
            validate(&wrong, &schema).into_iter().map(|problem| (problem.pointer, problem.message)).collect();
        let found: Vec<(&str, &str)> = found.iter().map(|(at, why)| (at.as_str(), why.as_str())).collect();
        assert_eq!(
            found,
            [
                ("/votes/0", "the field \"would_change_if\" is missing"),
                ("/votes/0/a~1b", "there is no such field"),
                ("/votes/0/choice", "must be string"),
                ("/votes/0/confidence", "must be at most 1"),
                ("/x", "there is no such field"),
            ]
        );
        assert_eq!(validate(&json!({"votes": vec![vote; 25]}), &schema)[0].pointer, "/votes");
        assert_eq!(validate(&json!([]), &schema)[0].message, "must be object");
    }

    #[test]
    fn types_and_values_are_what_the_schema_names() {
        let trend = json!({"type": ["string", "null"], "enum": ["up", null]});
        assert!(validate(&json!("up"), &trend).is_empty() && validate(&Value::Null, &trend).is_empty());
        assert_eq!(validate(&json!("sideways"), &trend)[0].message, "must be one of \"up\", null");
        assert_eq!(validate(&json!(3), &trend)[0].message, "must be string or null");
        let day = json!({"type": "integer", "minimum": 0});
        assert!(validate(&json!(3.0), &day).is_empty());
        assert!(!validate(&json!(3.5), &day).is_empty() && !validate(&json!(-1), &day).is_empty());
    }
}
