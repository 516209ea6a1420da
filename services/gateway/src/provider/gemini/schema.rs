//! JSON Schema as Gemini takes it: a part of OpenAPI's, which refuses every word that it does not know.
//!
//! Kept are types, properties, items, enumerations of texts, bounds and descriptions. References are written out, what is
//! null becomes `nullable`, alternatives become `anyOf`. What cannot be said is left out, so that more is allowed than the
//! tool's author wrote, never less.

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

/// Deeper, and larger, is nothing that a model could follow; schemas that refer to themselves would have no end.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 5_000;
/// Whether a value is of the kind that a word takes.
type Fits = fn(&Value) -> bool;
/// Words that mean the same in both, with values of a kind that is taken.
const KEPT: &[(&str, Fits)] = &[
    ("title", Value::is_string),
    ("description", Value::is_string),
    ("pattern", Value::is_string),
    ("minimum", Value::is_number),
    ("maximum", Value::is_number),
    ("minLength", Value::is_u64),
    ("maxLength", Value::is_u64),
    ("minItems", Value::is_u64),
    ("maxItems", Value::is_u64),
    ("minProperties", Value::is_u64),
    ("maxProperties", Value::is_u64),
];
/// JSON Schema's.
const TYPES: &[&str] = &["string", "number", "integer", "boolean", "array", "object", "null"];
/// Formats that are taken, by type. Any other is refused.
const FORMATS: &[(&str, &str)] = &[
    ("string", "date-time"),
    ("string", "enum"),
    ("number", "float"),
    ("number", "double"),
    ("integer", "int32"),
    ("integer", "int64"),
];

/// The schema of a function's parameters, or of an answer. None where there are no properties: that is said by saying
/// nothing.
pub(super) fn parameters(schema: &Value) -> Option<Value> {
    let mut converter = Converter { root: schema, nodes: 0 };
    let converted = converter.convert(schema, 0, &mut Vec::new());
    let is_empty = converted["type"] == "OBJECT" && converted.get("properties").is_none();
    (!is_empty).then_some(converted)
}

struct Converter<'a> {
    root: &'a Value,
    nodes: usize,
}

impl<'a> Converter<'a> {
    fn convert(&mut self, schema: &'a Value, depth: usize, path: &mut Vec<&'a str>) -> Value {
        self.nodes += 1;
        let Some(object) = schema.as_object().filter(|_| depth < MAX_DEPTH && self.nodes < MAX_NODES) else {
            return if schema.is_object() { json!({"type": "OBJECT"}) } else { anything() };
        };
        if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
            return self.referred(reference, object, depth, path);
        }
        if let Some(all) = object.get("allOf").and_then(Value::as_array) {
            return self.merged(object, all, depth, path);
        }
        for word in ["anyOf", "oneOf"] {
            if let Some(all) = object.get(word).and_then(Value::as_array) {
                return self.one_of(object, all, depth, path);
            }
        }
        if let Some(types) = object.get("type").and_then(Value::as_array) {
            return self.several_types(object, types, depth, path);
        }
        self.plain(object, type_of(object), depth, path)
    }

    /// A schema of one type.
    fn plain(&mut self, object: &'a Map<String, Value>, kind: &str, depth: usize, path: &mut Vec<&'a str>) -> Value {
        let mut out = about(object);
        match kind {
            "" => {
                for (name, value) in anything().as_object().into_iter().flatten() {
                    out.insert(name.clone(), value.clone());
                }
                return out.into();
            }
            "null" => {
                out.insert("type".to_owned(), "STRING".into());
                out.insert("nullable".to_owned(), true.into());
                return out.into();
            }
            _ => drop(out.insert("type".to_owned(), kind.to_ascii_uppercase().into())),
        }
        let format = object.get("format").and_then(Value::as_str);
        if let Some(format) = format.filter(|format| FORMATS.contains(&(kind, *format))) {
            out.insert("format".to_owned(), format.into());
        }
        if object.get("nullable") == Some(&Value::Bool(true)) {
            out.insert("nullable".to_owned(), true.into());
        }
        bounds(object, kind, &mut out);
        enumeration(object, kind, &mut out);
        match kind {
            "object" => self.properties(object, &mut out, depth, path),
            "array" => {
                let items = object.get("items").filter(|items| !items.is_array());
                let tuple = object.get("prefixItems").or(object.get("items")).and_then(Value::as_array);
                let items = match (items, tuple) {
                    (Some(items), _) => self.convert(items, depth + 1, path),
                    (None, Some(all)) => self.any_of(all, depth, path),
                    // An array of nothing in particular is refused.
                    (None, None) => json!({"type": "STRING"}),
                };
                out.insert("items".to_owned(), items);
            }
            _ => {}
        }
        out.into()
    }

    /// The properties, and which are required of those that there are. An object without any is said without the word.
    fn properties(
        &mut self,
        object: &'a Map<String, Value>,
        out: &mut Map<String, Value>,
        depth: usize,
        path: &mut Vec<&'a str>,
    ) {
        let known = object.get("properties").and_then(Value::as_object).filter(|p| !p.is_empty());
        let Some(known) = known else { return };
        let mut properties = Map::new();
        for (name, schema) in known {
            properties.insert(name.clone(), self.convert(schema, depth + 1, path));
        }
        let required = object.get("required").and_then(Value::as_array).into_iter().flatten();
        let required: Vec<Value> =
            required.filter(|name| name.as_str().is_some_and(|n| properties.contains_key(n))).cloned().collect();
        if !required.is_empty() {
            out.insert("required".to_owned(), required.into());
        }
        out.insert("properties".to_owned(), properties.into());
    }

    fn referred(
        &mut self,
        reference: &'a str,
        object: &'a Map<String, Value>,
        depth: usize,
        path: &mut Vec<&'a str>,
    ) -> Value {
        let target = reference.strip_prefix('#').and_then(|pointer| self.root.pointer(pointer));
        let mut out = match target {
            Some(target) if !path.contains(&reference) => {
                path.push(reference);
                let converted = self.convert(target, depth + 1, path);
                path.pop();
                converted
            }
            // It refers to itself, or to nothing that we have.
            _ => json!({"type": "OBJECT"}),
        };
        // What stands beside a reference says more about this use of it.
        for (name, value) in about(object) {
            out[name] = value;
        }
        out
    }

    /// All of them at once, which is one schema with the words of all.
    fn merged(
        &mut self,
        object: &'a Map<String, Value>,
        all: &'a [Value],
        depth: usize,
        path: &mut Vec<&'a str>,
    ) -> Value {
        let own = self.plain(object, type_of(object), depth, path);
        let parts: Vec<Value> = all.iter().map(|part| self.convert(part, depth + 1, path)).collect();
        let mut out = Map::new();
        for part in parts.into_iter().chain([own]) {
            let Value::Object(part) = part else { continue };
            // Of what says nothing there is nothing to add.
            let is_anything = part.contains_key("anyOf") && !part.contains_key("type");
            if is_anything && !out.is_empty() {
                continue;
            }
            for (name, value) in part {
                match (out.get_mut(&name), value) {
                    (Some(Value::Object(old)), Value::Object(new)) => old.extend(new),
                    (Some(Value::Array(old)), Value::Array(new)) => {
                        old.extend(new);
                        old.dedup();
                    }
                    (_, value) => drop(out.insert(name, value)),
                }
            }
        }
        if out.contains_key("type") {
            out.remove("anyOf");
        }
        out.into()
    }

    fn one_of(
        &mut self,
        object: &'a Map<String, Value>,
        all: &'a [Value],
        depth: usize,
        path: &mut Vec<&'a str>,
    ) -> Value {
        let is_null = |schema: &&Value| schema["type"] == "null";
        let others: Vec<&'a Value> = all.iter().filter(|schema| !is_null(schema)).collect();
        let nullable = others.len() < all.len();
        let mut out = match others[..] {
            [] => json!({"type": "STRING"}),
            [one] => self.convert(one, depth + 1, path),
            _ => {
                let all: Vec<Value> = others.into_iter().map(|schema| self.convert(schema, depth + 1, path)).collect();
                json!({"anyOf": all})
            }
        };
        if nullable {
            out["nullable"] = true.into();
        }
        for (name, value) in about(object) {
            out[name] = value;
        }
        out
    }

    fn several_types(
        &mut self,
        object: &'a Map<String, Value>,
        types: &'a [Value],
        depth: usize,
        path: &mut Vec<&'a str>,
    ) -> Value {
        let names: Vec<&str> = types.iter().filter_map(Value::as_str).filter(|name| TYPES.contains(name)).collect();
        let others: Vec<&str> = names.iter().copied().filter(|name| *name != "null").collect();
        let mut out = match others[..] {
            [] => json!({"type": "STRING"}),
            [one] => self.plain(object, one, depth, path),
            _ => {
                let all: Vec<Value> = others.iter().map(|one| self.plain(object, one, depth, path)).collect();
                json!({"anyOf": all})
            }
        };
        if others.len() < names.len() {
            out["nullable"] = true.into();
        }
        out
    }

    fn any_of(&mut self, all: &'a [Value], depth: usize, path: &mut Vec<&'a str>) -> Value {
        match all {
            [] => json!({"type": "STRING"}),
            [one] => self.convert(one, depth + 1, path),
            _ => {
                let all: Vec<Value> = all.iter().map(|schema| self.convert(schema, depth + 1, path)).collect();
                json!({"anyOf": all})
            }
        }
    }
}

/// A schema that says nothing. Each has to have a type, and this is every value that is written in one word.
fn anything() -> Value {
    json!({"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}, {"type": "BOOLEAN"}]})
}

/// The type, or what it must be by the other words. Nothing where that is not to be known.
fn type_of(object: &Map<String, Value>) -> &str {
    if let Some(kind) = object.get("type").and_then(Value::as_str) {
        return if TYPES.contains(&kind) { kind } else { "" };
    }
    let values = object.get("enum").and_then(Value::as_array).and_then(|all| all.first());
    match values.or(object.get("const")) {
        Some(Value::String(_)) => return "string",
        Some(Value::Bool(_)) => return "boolean",
        Some(Value::Number(_)) => return "number",
        _ => {}
    }
    let has = |word: &str| object.contains_key(word);
    if has("properties") || has("additionalProperties") || has("patternProperties") {
        return "object";
    }
    if has("items") || has("prefixItems") {
        return "array";
    }
    if has("pattern") || has("minLength") || has("maxLength") { "string" } else { "" }
}

/// Title and description.
fn about(object: &Map<String, Value>) -> Map<String, Value> {
    let words = ["title", "description"].into_iter();
    words.filter_map(|name| Some((name.to_owned(), object.get(name).filter(|v| v.is_string())?.clone()))).collect()
}

fn bounds(object: &Map<String, Value>, kind: &str, out: &mut Map<String, Value>) {
    for (name, fits) in KEPT {
        if let Some(value) = object.get(*name).filter(|value| fits(value)) {
            out.insert((*name).to_owned(), value.clone());
        }
    }
    for (exclusive, name, step) in [("exclusiveMinimum", "minimum", 1), ("exclusiveMaximum", "maximum", -1)] {
        let Some(bound) = object.get(exclusive).filter(|bound| bound.is_number()) else { continue };
        let whole = bound.as_i64().filter(|_| kind == "integer").and_then(|bound| bound.checked_add(step));
        out.insert(name.to_owned(), whole.map_or_else(|| bound.clone(), Value::from));
    }
}

/// Texts can be enumerated. Of other values the description tells.
fn enumeration(object: &Map<String, Value>, kind: &str, out: &mut Map<String, Value>) {
    let constant = object.get("const").map(|value| vec![value.clone()]);
    let Some(values) = object.get("enum").and_then(Value::as_array).cloned().or(constant) else { return };
    let texts: Vec<Value> = values.iter().filter(|v| v.as_str().is_some_and(|t| !t.is_empty())).cloned().collect();
    if kind == "string" {
        if !texts.is_empty() {
            out.insert("enum".to_owned(), texts.into());
        }
        if values.iter().any(Value::is_null) {
            out.insert("nullable".to_owned(), true.into());
        }
        return;
    }
    let all: Vec<String> = values.iter().map(Value::to_string).collect();
    let description = out.get("description").and_then(Value::as_str).map(|d| format!("{d} ")).unwrap_or_default();
    out.insert("description".to_owned(), format!("{description}One of: {}.", all.join(", ")).into());
}
