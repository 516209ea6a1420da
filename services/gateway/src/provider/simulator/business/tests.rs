mod differ;
mod problems;
mod schema;
mod stages;
mod wild;

use serde_json::{Value, json};

pub const ROLES: [&str; 8] =
    ["analyst", "commercial", "financial", "market", "operations", "risk_legal", "reviewer", "chair"];
pub const LOCALES: [&str; 2] = ["pt-BR", "en"];

/// A request about a problem, without what only one stage needs.
pub fn request(role: &str, locale: &str, brief: &Value) -> Value {
    json!({"role": role, "locale": locale, "brief": brief, "sample": 1, "metrics": []})
}

/// The answer to it.
pub fn opinion(role: &str, locale: &str, brief: &Value) -> Value {
    super::answer("opinion", &request(role, locale, brief)).unwrap()
}

/// All statements of an opinion.
pub fn statements(opinion: &Value) -> Vec<String> {
    let of = |name: &str| opinion[name].as_array().unwrap().iter().map(|x| x["statement"].as_str().unwrap().to_owned());
    of("claims").chain(of("recommendations")).collect()
}
