//! Is every way in documented, and is none documented that is not there?

use serde_json::Value;
use std::collections::BTreeSet;

/// Whether an answer holds an access token.
fn opens(document: &Value, operation: &Value) -> bool {
    let responses = operation["responses"].as_object().into_iter().flatten();
    let mut bodies =
        responses.filter_map(|(_, response)| response["content"]["application/json"]["schema"]["$ref"].as_str());
    bodies.any(|reference| {
        let schema = &document["components"]["schemas"][reference.rsplit('/').next().unwrap_or_default()];
        let parts = schema["allOf"].as_array().cloned().unwrap_or_else(|| vec![schema.clone()]);
        parts.iter().any(|part| part["properties"]["access_token"].is_object())
    })
}

#[test]
fn every_route_that_answers_with_an_access_token_is_documented_with_its_strength() {
    let document: Value = serde_json::from_str(&edge::openapi()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let all = paths.iter().flat_map(|(path, item)| {
        let operations = item.as_object().expect("operations");
        operations.iter().map(move |(method, operation)| (format!("{} {path}", method.to_uppercase()), operation))
    });
    let there: BTreeSet<String> =
        all.filter(|(_, operation)| opens(&document, operation)).map(|(name, _)| name).collect();
    let text = include_str!("../../services/identity/SIGN_IN.md");
    let (_, section) = text.split_once("\n## Ways in\n").expect("the section");
    let rows: Vec<Vec<&str>> = section
        .lines()
        .take_while(|line| !line.starts_with("## "))
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    assert!(rows.iter().all(|row| row.len() == 3 && row[1..].iter().all(|cell| !cell.is_empty())), "{rows:?}");
    let documented: BTreeSet<String> = rows.iter().map(|row| row[0].trim_matches('`').to_owned()).collect();
    assert_eq!(documented, there);
}
