//! Schemas of the API description as tables of fields.

use super::html::{Escaped, Prose};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

const REFERENCE: &str = "#/components/schemas/";
/// Fields of fields are shown down to here.
const DEPTH: usize = 3;

/// The schemas that others refer to by name.
pub(super) struct Schemas<'a>(&'a Value);

impl<'a> Schemas<'a> {
    pub(super) fn of(document: &'a Value) -> Self {
        Self(&document["components"]["schemas"])
    }

    /// Writes the fields of a schema as a table. `otherwise` says what becomes of those that are not required.
    pub(super) fn fields(&self, schema: &'a Value, otherwise: &str, out: &mut String) {
        let mut rows = String::new();
        self.rows("", schema, (DEPTH, otherwise), &mut rows);
        if !rows.is_empty() {
            writeln!(out, "<table><tr><th>Field</th><th>Type</th><th></th></tr>\n{rows}</table>")
                .expect("writing to a string");
        }
    }

    fn rows(&self, prefix: &str, schema: &'a Value, (depth, otherwise): (usize, &str), out: &mut String) {
        for object in self.objects(schema) {
            let required = object["required"].as_array();
            for (name, field) in object["properties"].as_object().into_iter().flatten() {
                let is_required = required.is_some_and(|names| names.iter().any(|n| n == name));
                let path = format!("{prefix}{name}");
                let about = field["description"].as_str().or_else(|| self.resolve(field)["description"].as_str());
                writeln!(
                    out,
                    "<tr><td><code>{}</code></td><td>{}{}</td><td>{}</td></tr>",
                    Escaped(&path),
                    Escaped(&kind(field)),
                    if is_required { String::new() } else { format!(" <span class=\"note\">{otherwise}</span>") },
                    Prose(about.unwrap_or_default())
                )
                .expect("writing to a string");
                if depth > 1 {
                    let (inner, dots) = if field["items"].is_null() { (field, ".") } else { (&field["items"], "[].") };
                    self.rows(&format!("{path}{dots}"), inner, (depth - 1, otherwise), out);
                }
            }
        }
    }

    /// The objects that a schema is put together from.
    fn objects(&self, schema: &'a Value) -> Vec<&'a Value> {
        let schema = self.resolve(schema);
        let parts = ["allOf", "oneOf", "anyOf"].iter().filter_map(|of| schema[of].as_array()).flatten();
        let mut objects: Vec<_> = parts.flat_map(|part| self.objects(part)).collect();
        objects.push(schema);
        objects
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let name = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(REFERENCE));
        name.map_or(schema, |name| &self.0[name])
    }

    /// A value that the schema accepts: its own example, or one made of its required fields.
    pub(super) fn example(&self, schema: &'a Value) -> Value {
        let objects = self.objects(schema);
        if let Some(example) = objects.iter().find_map(|object| object.get("example")) {
            return example.clone();
        }
        let mut value = Map::new();
        for object in objects {
            for name in object["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
                value.insert(name.to_owned(), json!("…"));
            }
        }
        Value::Object(value)
    }
}

/// The type of a value in a few words: `string`, `array of string`, `User`.
pub(super) fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.strip_prefix(REFERENCE)) {
        return name.to_owned();
    }
    let parts = ["oneOf", "anyOf", "allOf"].iter().filter_map(|of| schema[of].as_array()).flatten();
    let mut kinds: Vec<_> = parts.map(kind).filter(|kind| kind != "null").collect();
    match &schema["type"] {
        Value::String(name) if name == "array" => kinds.push(format!("array of {}", kind(&schema["items"]))),
        Value::String(name) => kinds.push(name.clone()),
        Value::Array(names) => {
            let named = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            kinds.extend(named.map(|name| match name {
                "array" => format!("array of {}", kind(&schema["items"])),
                name => name.to_owned(),
            }));
        }
        _ => {}
    }
    if kinds.is_empty() { "any".to_owned() } else { kinds.join(" or ") }
}
