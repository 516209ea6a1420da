use super::*;

#[test]
fn required_fields_enums_and_types_are_satisfied() {
    let schema = json!({
        "type": "object",
        "properties": {
            "city": {"type": "string"},
            "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
            "days": {"type": "integer", "minimum": 3, "multipleOf": 2},
            "share": {"type": "number", "minimum": 0, "maximum": 1},
            "at": {"type": ["string", "null"], "format": "date-time"},
            "tags": {"type": "array", "items": {"type": "string", "maxLength": 2}, "minItems": 2},
            "nested": {"type": "object", "properties": {"on": {"type": "boolean"}}, "required": ["on"]},
            "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        },
        "required": ["city", "unit", "elsewhere"],
    });
    let expected = json!({
        "city": "city", "unit": "celsius", "days": 4, "share": 0.5, "at": "2026-01-01T00:00:00Z",
        "tags": ["ta", "ta"], "nested": {"on": true}, "either": 1, "elsewhere": "elsewhere",
    });
    assert_eq!(example(&schema), expected);
}

#[test]
fn references_are_followed_and_a_schema_of_itself_ends() {
    let schema = json!({
        "type": "object",
        "properties": {"head": {"$ref": "#/$defs/node"}},
        "required": ["head"],
        "$defs": {"node": {
            "type": "object",
            "properties": {"value": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
            "required": ["value", "next"],
        }},
    });
    let list = example(&schema);
    assert_eq!(list["head"]["value"], 1);
    assert!(list.to_string().contains("\"next\":null"), "{list}");
}

#[test]
fn nonsense_gives_a_value_and_no_panic() {
    let nonsense = [
        json!(null),
        json!(true),
        json!({"$ref": "#/none"}),
        json!({"$ref": "#"}),
        json!({"enum": []}),
        json!({"type": "integer", "minimum": 1e300}),
        json!({"type": "array", "minItems": u64::MAX, "items": {}}),
        json!({"type": "string", "minLength": u64::MAX}),
    ];
    for schema in nonsense {
        assert!(example(&schema).to_string().len() < 10_000, "{schema}");
    }
}
