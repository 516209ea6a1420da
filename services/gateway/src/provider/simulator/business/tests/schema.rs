//! As much of JSON Schema as the schemas of the engine use.

use serde_json::Value;
use std::{collections::BTreeMap, fs, path::Path, sync::LazyLock};

const NAMES: [&str; 7] = ["frame", "opinion", "judge", "ballot", "turn", "review", "wording"];
static ALL: LazyLock<BTreeMap<&str, Value>> =
    LazyLock::new(|| NAMES.into_iter().map(|name| (name, load(name))).collect());

fn load(name: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let near = root.join("../agent-engine/data/schema");
    let folder = if near.is_dir() { near } else { root.join("data/schema") };
    serde_json::from_slice(&fs::read(folder.join(format!("{name}.json"))).unwrap()).unwrap()
}

/// What is wrong with a value, by its place.
pub fn faults(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one.as_str()],
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    if !types.is_empty() && !types.iter().any(|kind| is(kind, value)) {
        out.push(format!("{at}: {value} is not {types:?}"));
    }
    if let Some(choices) = schema["enum"].as_array()
        && !choices.contains(value)
    {
        out.push(format!("{at}: {value} is none of {choices:?}"));
    }
    if let Some(number) = value.as_f64() {
        let low = schema["minimum"].as_f64().is_none_or(|least| number >= least);
        let high = schema["maximum"].as_f64().is_none_or(|most| number <= most);
        if !low || !high {
            out.push(format!("{at}: {number} is out of range"));
        }
    }
    if let Some(object) = value.as_object() {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            if !object.contains_key(name) {
                out.push(format!("{at}: {name} is missing"));
            }
        }
        for (name, part) in object {
            match &schema["properties"][name] {
                Value::Null => out.push(format!("{at}: {name} is not known")),
                inner => faults(inner, part, &format!("{at}.{name}"), out),
            }
        }
    }
    if let Some(list) = value.as_array() {
        if schema["maxItems"].as_u64().is_some_and(|most| list.len() as u64 > most) {
            out.push(format!("{at}: {} items", list.len()));
        }
        for (index, part) in list.iter().enumerate() {
            faults(&schema["items"], part, &format!("{at}[{index}]"), out);
        }
    }
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}

pub fn check(name: &str, value: &Value) {
    let mut found = vec![];
    faults(&ALL[name], value, name, &mut found);
    assert!(found.is_empty(), "{found:?}");
}
