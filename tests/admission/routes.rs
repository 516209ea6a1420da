//! Which routes are there, and what can be sent to them?

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use serde_json::{Map, Value, json};
use std::fmt;

pub(crate) const METHODS: &[&str] = &["GET", "PUT", "POST", "DELETE", "PATCH"];

/// What clients may call models here.
const MODELS: &[&str] = &["listed", "any/model", "some/listed", "openai/listed", "model", "no such/model"];
/// Deeper values are left out.
const DEPTH: u32 = 4;

/// One operation of the API description.
pub(crate) struct Route {
    pub(crate) method: String,
    pub(crate) path: String,
    /// Of its body, references resolved; None if it takes none.
    pub(crate) schema: Option<Value>,
    /// The body is a form of parts rather than JSON.
    pub(crate) is_form: bool,
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

impl Route {
    /// Without a body, its example, and so many that are made up, with and without streaming.
    pub(crate) fn bodies(&self, generated: usize) -> Vec<Option<Value>> {
        let Some(schema) = &self.schema else { return vec![None, None] };
        let mut bodies = vec![None];
        if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
            for stream in [false, true] {
                let mut example = example.clone();
                if example.get("model").is_some() {
                    example["model"] = MODELS[usize::from(stream)].into();
                    example["stream"] = stream.into();
                }
                bodies.push(Some(example));
            }
        }
        bodies.extend((0..generated).map(|seed| Some(body(schema, seed as u64))));
        bodies
    }
}

impl Route {
    /// The body as this route takes it.
    pub(crate) fn sent(&self, body: Value) -> Sent {
        if self.is_form { Sent::Form(body) } else { Sent::Json(body) }
    }
}

/// A body on its way.
pub(crate) enum Sent {
    Json(Value),
    /// Each member becomes a part.
    Form(Value),
}

impl Sent {
    /// The type of the content, and the content.
    pub(crate) fn encoded(&self) -> (&'static str, Vec<u8>) {
        match self {
            Self::Json(body) => ("application/json", body.to_string().into()),
            Self::Form(body) => ("multipart/form-data; boundary=between", parts(body).into()),
        }
    }
}

/// RFC 7578, with a file where the form has one.
fn parts(body: &Value) -> String {
    let mut form = String::new();
    for (name, value) in body.as_object().into_iter().flatten() {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (file, value) = match name.as_str() {
            "file" => ("; filename=\"said.wav\"", format!("RIFF\0\0\0\0WAVE{value}")),
            _ => ("", value),
        };
        form += &format!("--between\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n{value}\r\n");
    }
    form + "--between--\r\n"
}

/// Everything that the edge describes.
pub(crate) fn routes() -> Vec<Route> {
    let document: Value = serde_json::from_str(&edge::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        METHODS.iter().filter_map(|method| {
            let operation = item.get(method.to_lowercase())?;
            let content = &operation["requestBody"]["content"];
            let form = content["multipart/form-data"].get("schema");
            let schema = form.or_else(|| content["application/json"].get("schema"));
            let schema = schema.map(|schema| resolved(&document, schema, DEPTH));
            Some(Route { method: (*method).to_owned(), path: path.clone(), schema, is_form: form.is_some() })
        })
    });
    let all: Vec<Route> = all.collect();
    assert!(all.len() > 40, "{} routes", all.len());
    all
}

/// A schema without references, as deep as bodies are made.
fn resolved(document: &Value, schema: &Value, depth: u32) -> Value {
    if depth == 0 {
        return json!({});
    }
    if let Some(name) = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next()) {
        return resolved(document, &document["components"]["schemas"][name], depth);
    }
    match schema {
        Value::Object(members) => {
            let inner = |(name, member): (&String, &Value)| {
                let member = if name == "example" {
                    member.clone()
                } else {
                    resolved(document, member, depth - u32::from(name == "properties" || name == "items"))
                };
                (name.clone(), member)
            };
            Value::Object(members.iter().map(inner).collect::<Map<_, _>>())
        }
        Value::Array(items) => items.iter().map(|item| resolved(document, item, depth)).collect(),
        plain => plain.clone(),
    }
}

/// A body of this form, the same for the same seed.
pub(crate) fn body(schema: &Value, seed: u64) -> Value {
    value(schema, &mut StdRng::seed_from_u64(seed), DEPTH)
}

fn value(schema: &Value, random: &mut StdRng, depth: u32) -> Value {
    let choices = ["oneOf", "anyOf", "enum"].into_iter().find_map(|name| schema[name].as_array());
    if let Some(choices) = choices.filter(|choices| !choices.is_empty()) {
        let choice = &choices[random.random_range(0..choices.len())];
        return if schema["enum"].is_array() { choice.clone() } else { value(choice, random, depth) };
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => kinds.first().and_then(Value::as_str),
        kind => kind.as_str(),
    };
    match kind {
        Some("object") if depth > 0 => object(schema, random, depth),
        Some("array") if depth > 0 => {
            (0..random.random_range(0..3)).map(|_| value(&schema["items"], random, depth - 1)).collect()
        }
        Some("string") => ["", "user", "text", "a b c", "日本"][random.random_range(0..5)].into(),
        Some("integer" | "number") => [-1, 0, 1, 7, 1_000_000][random.random_range(0..5)].into(),
        Some("boolean") => random.random_bool(0.5).into(),
        _ => [Value::Null, json!("text"), json!({})][random.random_range(0..3)].clone(),
    }
}

/// What is required, and about half of the rest.
fn object(schema: &Value, random: &mut StdRng, depth: u32) -> Value {
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let mut members = Map::new();
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        if !required(name) && random.random_bool(0.5) {
            continue;
        }
        let made = match name.as_str() {
            "model" => MODELS[random.random_range(0..MODELS.len())].into(),
            _ => value(member, random, depth - 1),
        };
        members.insert(name.clone(), made);
    }
    Value::Object(members)
}
