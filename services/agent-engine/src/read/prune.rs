//! What of a document is still good? The last rung: what breaks the schema goes, so that the rest is valid.

use super::schema::{Problem, below, is_closed, max_items, property, required, types, wrong};
use serde_json::{Map, Value};

/// Removes what breaks the schema: unknown fields, items of lists, values where there may be none. A list that is missing
/// is empty and a value that may be missing is null. Null: nothing of it can be used. With it what was removed, and why.
pub fn drop_invalid(value: Value, schema: &Value) -> (Value, Vec<Problem>) {
    let mut removed = Vec::new();
    let kept = prune(value, schema, "", &mut removed);
    (kept.unwrap_or_default(), removed)
}

/// None: it cannot be used, and `removed` says why.
fn prune(value: Value, schema: &Value, pointer: &str, removed: &mut Vec<Problem>) -> Option<Value> {
    if let Some(message) = wrong(&value, schema) {
        removed.push(Problem::new(pointer, message));
        return None;
    }
    match value {
        Value::Object(fields) => object(fields, schema, pointer, removed).map(Value::Object),
        Value::Array(items) => Some(Value::Array(array(items, schema, pointer, removed))),
        value => Some(value),
    }
}

fn array(items: Vec<Value>, schema: &Value, pointer: &str, removed: &mut Vec<Problem>) -> Vec<Value> {
    let mut kept = Vec::new();
    for (n, item) in items.into_iter().enumerate() {
        let pointer = below(pointer, &n.to_string());
        if max_items(schema).is_some_and(|most| kept.len() >= most) {
            removed.push(Problem::new(&pointer, "there are more than are allowed"));
            break;
        }
        match schema.get("items") {
            Some(schema) => kept.extend(prune(item, schema, &pointer, removed)),
            None => kept.push(item),
        }
    }
    kept
}

fn object(
    fields: Map<String, Value>,
    schema: &Value,
    pointer: &str,
    removed: &mut Vec<Problem>,
) -> Option<Map<String, Value>> {
    let mut kept = Map::new();
    for (name, field) in fields {
        let pointer = below(pointer, &name);
        match property(schema, &name) {
            Some(schema) => kept.extend(prune(field, schema, &pointer, removed).map(|field| (name, field))),
            None if is_closed(schema) => removed.push(Problem::new(&pointer, "there is no such field")),
            None => kept.extend([(name, field)]),
        }
    }
    for name in required(schema) {
        if kept.contains_key(name) {
            continue;
        }
        match property(schema, name).and_then(empty) {
            Some(value) => kept.extend([(name.to_owned(), value)]),
            None => {
                removed.push(Problem::new(pointer, format!("the field {name:?} is missing")));
                return None;
            }
        }
    }
    Some(kept)
}

/// What stands for a value that is missing.
fn empty(schema: &Value) -> Option<Value> {
    let types = types(schema);
    if types.contains(&"null") {
        return Some(Value::Null);
    }
    types.contains(&"array").then(|| Value::Array(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::{super::validate, *};
    use proptest::prelude::*;
    use serde_json::json;

    fn schemas() -> Vec<Value> {
        [
            include_str!("../../data/schema/ballot.json"),
            include_str!("../../data/schema/frame.json"),
            include_str!("../../data/schema/judge.json"),
            include_str!("../../data/schema/opinion.json"),
            include_str!("../../data/schema/review.json"),
            include_str!("../../data/schema/turn.json"),
            include_str!("../../data/schema/wording.json"),
        ]
        .iter()
        .map(|text| serde_json::from_str(text).expect("a schema"))
        .collect()
    }

    #[test]
    fn the_rest_of_an_opinion_stays() {
        let schema = &schemas()[3];
        let risk =
            json!({"statement": "s", "probability": 2, "impact": 3, "mitigation": "", "trigger": "", "owner": ""});
        let bad =
            json!({"statement": "s", "probability": 9, "impact": 3, "mitigation": "", "trigger": "", "owner": ""});
        let value = json!({"stance": "support", "headline": "h", "confidence": 0.5, "risks": [bad, risk], "note": 1});
        let (kept, removed) = drop_invalid(value, schema);
        assert_eq!(validate(&kept, schema), []);
        assert_eq!((&kept["risks"], &kept["claims"]), (&json!([risk]), &json!([])));
        let places: Vec<&str> = removed.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(places, ["/note", "/risks/0/probability", "/risks/0"]);
        assert_eq!(drop_invalid(json!({"headline": "h"}), schema).0, Value::Null);
        assert_eq!(drop_invalid(json!({}), &schemas()[6]).0, json!({"paragraphs": []}));
    }

    /// A document that almost follows its schema.
    fn almost(schema: &Value) -> BoxedStrategy<Value> {
        let good = match types(schema).first().copied() {
            Some("object") => {
                let properties = schema["properties"].as_object().cloned().unwrap_or_default();
                let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = properties
                    .into_iter()
                    .map(|(name, schema)| proptest::option::weighted(0.97, (Just(name), almost(&schema))).boxed())
                    .collect();
                fields.prop_map(|fields| Value::Object(fields.into_iter().flatten().collect())).boxed()
            }
            Some("array") => proptest::collection::vec(almost(&schema["items"]), 0..4).prop_map(Value::from).boxed(),
            Some("integer") => (-1..7i64).prop_map(Value::from).boxed(),
            Some("number") => (-0.5..2.0f64).prop_map(Value::from).boxed(),
            Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
            _ => match schema.get("enum").and_then(Value::as_array).cloned() {
                Some(allowed) => proptest::sample::select(allowed).boxed(),
                None => "[a-z ]{0,8}".prop_map(Value::from).boxed(),
            },
        };
        let bad = prop_oneof![Just(Value::Null), Just(json!("?")), Just(json!({"x": []})), Just(json!([1]))];
        prop_oneof![30 => good, 1 => bad].boxed()
    }

    proptest! {
        #[test]
        fn what_is_left_is_valid_or_nothing(value in proptest::sample::select(schemas()).prop_flat_map(|schema| {
            let value = almost(&schema);
            (Just(schema), value)
        })) {
            let (schema, value) = value;
            let is_valid = validate(&value, &schema).is_empty();
            let (kept, removed) = drop_invalid(value.clone(), &schema);
            if kept.is_null() {
                prop_assert!(!removed.is_empty());
            } else {
                prop_assert_eq!(validate(&kept, &schema), []);
            }
            if is_valid {
                prop_assert!(removed.is_empty());
                prop_assert_eq!(kept, value);
            }
        }
    }
}
