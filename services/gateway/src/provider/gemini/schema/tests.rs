//! Schemas of tools as servers of the Model Context Protocol publish them, and what Gemini refuses of them.

use super::*;
use proptest::prelude::*;

/// As eight published servers list them (filesystem, memory, everything, sequential thinking, GitHub, GitLab, Slack, Notion:
/// `tools/list` of their packages of November 2026), without their descriptions.
const CORPUS: &str = include_str!("corpus.json");

/// Every word of Gemini's `Schema`.
const WORDS: &[&str] = &[
    "type",
    "format",
    "title",
    "description",
    "nullable",
    "enum",
    "items",
    "maxItems",
    "minItems",
    "properties",
    "required",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "pattern",
    "anyOf",
];

/// What Gemini would refuse of a schema.
fn refused(schema: &Value) -> Option<String> {
    let Some(object) = schema.as_object() else { return Some(format!("no object: {schema}")) };
    if let Some(word) = object.keys().find(|word| !WORDS.contains(&word.as_str())) {
        return Some(format!("the word {word} in {schema}"));
    }
    let kind = object.get("type").and_then(Value::as_str).unwrap_or_default();
    if kind.is_empty() && !object.contains_key("anyOf") {
        return Some(format!("no type: {schema}"));
    }
    if !["", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"].contains(&kind) {
        return Some(format!("the type {kind}"));
    }
    if object.contains_key("enum") && kind != "STRING" {
        return Some(format!("an enumeration of {kind}"));
    }
    let properties = object.get("properties").and_then(Value::as_object);
    if properties.is_some_and(Map::is_empty) {
        return Some("properties should be non-empty for OBJECT type".to_owned());
    }
    for name in object.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !name.as_str().is_some_and(|name| properties.is_some_and(|p| p.contains_key(name))) {
            return Some(format!("{name} is required and no property"));
        }
    }
    if kind == "ARRAY" && !object.contains_key("items") {
        return Some("items: missing field".to_owned());
    }
    let inner = properties.into_iter().flat_map(Map::values).chain(object.get("items"));
    let inner = inner.chain(object.get("anyOf").and_then(Value::as_array).into_iter().flatten());
    inner.into_iter().find_map(refused)
}

#[test]
fn nothing_that_gemini_refuses_is_left_of_the_schemas_of_real_tools() {
    let corpus: Vec<Value> = serde_json::from_str(CORPUS).expect("JSON");
    assert!(corpus.len() >= 20, "{}", corpus.len());
    for tool in &corpus {
        let Some(converted) = parameters(&tool["inputSchema"]) else { continue };
        assert_eq!(refused(&converted), None, "{}: {converted}", tool["name"]);
        // No property is lost.
        let names = |schema: &Value| schema["properties"].as_object().map(|p| p.keys().cloned().collect::<Vec<_>>());
        if tool["inputSchema"].get("$ref").is_none() {
            assert_eq!(names(&converted), names(&tool["inputSchema"]), "{}", tool["name"]);
        }
    }
}

#[test]
fn each_word_that_is_refused_is_said_otherwise_or_left_out() {
    let cases = [
        (
            json!({"$schema": "x", "type": "object", "properties": {"a": {"type": "string", "default": "b"}}, "additionalProperties": false}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}}}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"$ref": "#/$defs/A", "description": "mine"}}, "$defs": {"A": {"type": "integer", "exclusiveMinimum": 0}}}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "INTEGER", "minimum": 1, "description": "mine"}}}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"type": ["string", "null"], "format": "uri"}, "b": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}, "required": ["a", "ghost"]}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING", "nullable": true}, "b": {"type": "INTEGER", "nullable": true}}, "required": ["a"]}),
        ),
        (
            json!({"type": "object", "properties": {"a": {"const": "x"}, "b": {"enum": [1, 2], "type": "integer"}, "c": {"type": "object", "properties": {}}, "d": {"type": "array"}}}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING", "enum": ["x"]}, "b": {"type": "INTEGER", "description": "One of: 1, 2."}, "c": {"type": "OBJECT"}, "d": {"type": "ARRAY", "items": {"type": "STRING"}}}}),
        ),
        (
            json!({"type": "object", "allOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {"type": "number"}}}]}),
            json!({"type": "OBJECT", "properties": {"a": {"type": "STRING"}, "b": {"type": "NUMBER"}}, "required": ["a"]}),
        ),
    ];
    for (schema, expected) in cases {
        assert_eq!(parameters(&schema), Some(expected), "{schema}");
    }
}

#[test]
fn a_function_without_parameters_says_nothing_about_them() {
    for empty in [
        json!({}),
        json!({"type": "object"}),
        json!({"type": "object", "properties": {}, "additionalProperties": false}),
    ] {
        let converted = parameters(&empty);
        assert!(converted.as_ref().is_none_or(|c| c.get("type") != Some(&json!("OBJECT"))), "{empty}: {converted:?}");
    }
}

#[test]
fn a_schema_that_refers_to_itself_has_an_end() {
    let tree = json!({"$ref": "#/$defs/Node", "$defs": {"Node": {"type": "object", "properties": {
        "name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#/$defs/Node"}}}}}});
    let converted = parameters(&tree).expect("parameters");
    assert_eq!(refused(&converted), None);
    assert_eq!(converted["properties"]["children"]["items"], json!({"type": "OBJECT"}));
    // One that doubles with each reference is bounded too.
    let mut defs = Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/L{}", level + 1)});
        defs.insert(format!("L{level}"), json!({"type": "object", "properties": {"a": next, "b": next}}));
    }
    let bomb = json!({"$ref": "#/$defs/L0", "$defs": defs});
    assert!(parameters(&bomb).expect("parameters").to_string().len() < 1_000_000);
}

fn schema() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("type"),
        Just("properties"),
        Just("items"),
        Just("enum"),
        Just("const"),
        Just("anyOf"),
        Just("oneOf"),
        Just("allOf"),
        Just("$ref"),
        Just("required"),
        Just("format"),
        Just("description"),
        Just("additionalProperties"),
        Just("prefixItems"),
        Just("nullable"),
        Just("minimum"),
        Just("exclusiveMaximum"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop_oneof![
            Just("string"),
            Just("object"),
            Just("array"),
            Just("integer"),
            Just("null"),
            Just("#/properties/a"),
            Just("#")
        ]
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word.clone(), inner), 0..5)
                .prop_map(|all| Value::Object(all.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_a_schema_is_what_becomes_of_it_is_not_refused(schema in schema()) {
        if let Some(converted) = parameters(&schema) {
            prop_assert_eq!(refused(&converted), None, "{}", schema);
        }
    }
}
