//! A value that satisfies a JSON schema: enough of JSON Schema for tools and structured output.

use serde_json::{Map, Number, Value, json};

/// Schemas may refer to themselves: below this depth only what is required is made, and at twice the depth nothing.
const DEEP: usize = 6;
/// The most items of an array that is asked to be long.
const MOST_ITEMS: u64 = 32;
/// The most characters of a text that is asked to be long.
const MOST_CHARS: u64 = 1_000;

/// An example of `schema`: the same for the same schema.
pub(super) fn example(schema: &Value) -> Value {
    Maker { root: schema }.value(schema, "value", 0)
}

struct Maker<'a> {
    root: &'a Value,
}

impl<'a> Maker<'a> {
    fn value(&self, schema: &'a Value, name: &str, depth: usize) -> Value {
        if depth > DEEP * 2 {
            return Value::Null;
        }
        if let Some(target) = schema["$ref"].as_str().and_then(|r| self.root.pointer(r.strip_prefix('#')?)) {
            return self.value(target, name, depth + 1);
        }
        if let Some(fixed) = schema.get("const") {
            return fixed.clone();
        }
        if let Some(first) = schema["enum"].as_array().and_then(|e| e.first()) {
            return first.clone();
        }
        if let Some(any) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()).filter(|a| !a.is_empty()) {
            // Deep down null ends what would go on for ever.
            let null = any.iter().find(|s| s["type"] == "null").filter(|_| depth > DEEP);
            return self.value(null.unwrap_or(&any[0]), name, depth + 1);
        }
        if let Some(all) = schema["allOf"].as_array().filter(|a| !a.is_empty()) {
            return self.all(schema, all, name, depth);
        }
        match self.kind(schema) {
            "object" => self.object(schema, depth),
            "array" => self.array(schema, name, depth),
            "integer" => integer(schema),
            "number" => number(schema),
            "boolean" => Value::Bool(true),
            "null" => Value::Null,
            _ => text(schema, name),
        }
    }

    fn kind(&self, schema: &'a Value) -> &'a str {
        match &schema["type"] {
            Value::String(kind) => kind,
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).find(|k| *k != "null").unwrap_or("null"),
            _ if schema["properties"].is_object() => "object",
            _ if schema["items"].is_object() => "array",
            _ => "string",
        }
    }

    /// What satisfies each of several object schemas: all their properties together.
    fn all(&self, schema: &'a Value, parts: &'a [Value], name: &str, depth: usize) -> Value {
        let mut whole = Map::new();
        let own = schema["properties"].is_object().then(|| self.object(schema, depth));
        for value in parts.iter().map(|part| self.value(part, name, depth + 1)).chain(own) {
            match value {
                Value::Object(more) => whole.extend(more),
                other => return other,
            }
        }
        Value::Object(whole)
    }

    fn object(&self, schema: &'a Value, depth: usize) -> Value {
        let required: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema["properties"].as_object();
        let wanted = properties.into_iter().flatten().filter(|(n, _)| depth < DEEP || required.contains(&n.as_str()));
        let mut object: Map<String, Value> = wanted.map(|(n, s)| (n.clone(), self.value(s, n, depth + 1))).collect();
        for name in required {
            object.entry(name).or_insert_with(|| json!(name));
        }
        Value::Object(object)
    }

    fn array(&self, schema: &'a Value, name: &str, depth: usize) -> Value {
        let bound = |field: &str| schema[field].as_u64();
        let fixed: Vec<Value> =
            schema["prefixItems"].as_array().into_iter().flatten().map(|s| self.value(s, name, depth + 1)).collect();
        let least = bound("minItems").unwrap_or(u64::from(depth < DEEP)).min(MOST_ITEMS);
        let count = least.min(bound("maxItems").unwrap_or(MOST_ITEMS)).saturating_sub(fixed.len() as u64);
        let items = (0..count).map(|n| match self.value(&schema["items"], name, depth + 1) {
            Value::String(text) if n > 0 && schema["uniqueItems"] == true => json!(format!("{text}{n}")),
            Value::Number(_) if n > 0 && schema["uniqueItems"] == true => json!(n),
            item => item,
        });
        Value::Array(fixed.into_iter().chain(items).collect())
    }
}

fn integer(schema: &Value) -> Value {
    let bound = |field: &str| schema[field].as_f64();
    let least = bound("minimum").map(f64::ceil).or(bound("exclusiveMinimum").map(|m| m.floor() + 1.0));
    let most = bound("maximum").map(f64::floor).or(bound("exclusiveMaximum").map(|m| m.ceil() - 1.0));
    let step = bound("multipleOf").filter(|s| *s >= 1.0).unwrap_or(1.0);
    let wish = least.unwrap_or_else(|| most.map_or(1.0, |m| m.min(1.0)));
    let value = (wish / step).ceil() * step;
    json!(value as i64)
}

fn number(schema: &Value) -> Value {
    let bound = |field: &str| schema[field].as_f64();
    let least = bound("minimum").or(bound("exclusiveMinimum").map(|m| m + 0.5));
    let most = bound("maximum").or(bound("exclusiveMaximum").map(|m| m - 0.5));
    let wish = match (least, most) {
        (Some(least), Some(most)) => f64::midpoint(least, most),
        (Some(least), None) => least,
        (None, most) => most.map_or(1.5, |m| m.min(1.5)),
    };
    let value = bound("multipleOf").filter(|s| *s > 0.0).map_or(wish, |step| (wish / step).ceil() * step);
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}

fn text(schema: &Value, name: &str) -> Value {
    let text = match schema["format"].as_str() {
        Some("date-time") => "2026-01-01T00:00:00Z",
        Some("date") => "2026-01-01",
        Some("time") => "00:00:00Z",
        Some("duration") => "P1D",
        Some("email") => "somebody@example.com",
        Some("hostname") => "example.com",
        Some("ipv4") => "192.0.2.1",
        Some("ipv6") => "2001:db8::1",
        Some("uri" | "url") => "https://example.com/",
        Some("uuid") => "00000000-0000-4000-8000-000000000000",
        _ => name,
    };
    let mut text: Vec<char> = text.chars().collect();
    let bound = |field: &str| schema[field].as_u64().map(|n| usize::try_from(n.min(MOST_CHARS)).unwrap_or(0));
    let least = bound("minLength").unwrap_or(0).max(text.len());
    text.resize(least, 'x');
    text.truncate(bound("maxLength").unwrap_or(usize::MAX));
    Value::String(text.into_iter().collect())
}

#[cfg(test)]
mod tests;
