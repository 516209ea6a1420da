//! A body that an operation takes, from its description: what it gives as an example, else the fields that it requires.

use serde_json::{Map, Value, json};

/// Content type and body; None for operations without.
pub fn of(document: &Value, operation: &Value) -> Option<(String, String)> {
    let content = operation["requestBody"]["content"].as_object()?;
    let (kind, described) = content.iter().next()?;
    if kind != "application/json" && !kind.ends_with("+json") {
        return Some((kind.clone(), String::new()));
    }
    Some((kind.clone(), value(document, &described["schema"]).to_string()))
}

/// What it needs in its address.
pub fn query(document: &Value, operation: &Value) -> String {
    let all = operation["parameters"].as_array().into_iter().flatten();
    let needed = all.filter(|parameter| parameter["in"] == "query" && parameter["required"] == true);
    let pairs: Vec<_> = needed
        .map(|parameter| {
            let text = value(document, &parameter["schema"]);
            let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
            format!("{}={text}", parameter["name"].as_str().unwrap_or_default())
        })
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

fn value(document: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.strip_prefix("#/components/schemas/")) {
        return value(document, &document["components"]["schemas"][name]);
    }
    for example in [&schema["example"], &schema["examples"][0], &schema["enum"][0], &schema["const"]] {
        if !example.is_null() {
            return example.clone();
        }
    }
    for any in ["oneOf", "anyOf"] {
        if let Some(choices) = schema[any].as_array() {
            let real = choices.iter().find(|choice| choice["type"] != "null");
            return real.map_or(Value::Null, |choice| value(document, choice));
        }
    }
    let whole = schema["allOf"].as_array().map(|all| {
        let parts = all.iter().filter_map(|part| value(document, part).as_object().cloned());
        parts.flatten().collect::<Map<_, _>>()
    });
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    match kind {
        "string" => text(schema),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        "array" => json!([value(document, &schema["items"])]),
        _ => Value::Object(whole.unwrap_or_default().into_iter().chain(required(document, schema)).collect()),
    }
}

fn required(document: &Value, schema: &Value) -> Map<String, Value> {
    let names = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
    names.map(|name| (name.to_owned(), value(document, &schema["properties"][name]))).collect()
}

fn text(schema: &Value) -> Value {
    match schema["format"].as_str() {
        Some("date-time") => json!("2026-11-01T00:00:00Z"),
        Some("date") => json!("2026-11-01"),
        Some("uri") => json!("https://example.com/"),
        _ => json!("text"),
    }
}
