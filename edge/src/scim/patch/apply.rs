//! Does to a resource what a change says.

use super::operation::{Op, Operation, Place};
use crate::scim::{
    error,
    filter::{means_value, value_terms},
    shape::{Kind, Shape},
    value::{member, set, truth},
};
use proto::Failure;
use scim_v2::filter::{AttrExp, CompValue, CompareOp, ValFilter};
use serde_json::{Map, Value, json};
use std::collections::HashSet;

/// How often a value of an attribute is looked at in one request, at most: once by each operation, and once more by each comparison
/// beyond the first.
const MAX_LOOKS: usize = 200_000;
/// How many values an attribute may have at any moment of it.
const MAX_VALUES: usize = 5_000;

/// All of it, or nothing. Errors: `noTarget`, `invalidValue`, `mutability`, `tooMany`.
pub(in crate::scim) fn apply(resource: &Value, operations: &[Operation], shape: &Shape) -> Result<Value, Failure> {
    let mut after = resource.clone();
    let Some(members) = after.as_object_mut() else { return Err(error::syntax("the resource is no object")) };
    let mut looks = 0;
    for operation in operations {
        looks += looks_of(members, operation);
        if looks > MAX_LOOKS {
            return Err(error::too_many("the change looks at too many values: send it in several requests"));
        }
        one(members, operation, shape)?;
        if how_many(members.get(operation.place.name)) > MAX_VALUES {
            return Err(error::too_many(format!("{} has at most {MAX_VALUES} values", operation.place.name)));
        }
    }
    Ok(after)
}

/// What an operation costs.
fn looks_of(members: &Map<String, Value>, Operation { place, value, .. }: &Operation) -> usize {
    match place.kind {
        Kind::Single | Kind::Complex(_) => 0,
        Kind::Multi(_) => {
            let terms = place.filter.as_ref().map_or(1, value_terms);
            how_many(members.get(place.name)) * terms + how_many(value.as_ref())
        }
    }
}

fn how_many(values: Option<&Value>) -> usize {
    values.and_then(Value::as_array).map_or(0, Vec::len)
}

fn one(of: &mut Map<String, Value>, operation: &Operation, shape: &Shape) -> Result<(), Failure> {
    let Operation { op, place, value } = operation;
    // Null is no value: saying it takes the attribute away.
    let given = value.as_ref().filter(|value| !value.is_null());
    let Some(value) = given.filter(|_| *op != Op::Remove) else {
        return remove(of, place, given, shape);
    };
    match (place.kind, &place.filter, place.part.as_deref()) {
        (Kind::Single, None, None) => of.insert(place.name.to_owned(), value.clone()),
        (Kind::Complex(parts), None, part) => {
            let whole = of.entry(place.name).or_insert_with(|| json!({}));
            return merge(whole, (parts, part), value, place.name);
        }
        (Kind::Multi(parts), None, None) => return several(of, place.name, parts, (*op, value)),
        (Kind::Multi(_), filter, part) => return within(of, place, (filter.as_ref(), part), value, shape),
        (Kind::Single | Kind::Complex(_), ..) => return Err(error::path(format!("{} has no such part", place.name))),
    };
    Ok(())
}

/// Parts of one value, of which those that are not named stay.
fn merge(whole: &mut Value, (parts, part): (&[&str], Option<&str>), value: &Value, name: &str) -> Result<(), Failure> {
    let Some(whole) = whole.as_object_mut() else { return Err(error::value(name, "must be an object")) };
    match (part, value) {
        (Some(part), value) => {
            if let Some(part) = parts.iter().find(|known| known.eq_ignore_ascii_case(part)) {
                set(whole, part, value.clone());
            }
        }
        (None, Value::Object(said)) => {
            for (part, value) in said {
                if let Some(part) = parts.iter().find(|known| known.eq_ignore_ascii_case(part)) {
                    set(whole, part, value.clone());
                }
            }
        }
        (None, _) => return Err(error::value(name, "must be an object")),
    }
    Ok(())
}

/// Values beside those that are there, or in place of them. One that is there is not there twice.
fn several(of: &mut Map<String, Value>, name: &str, parts: &[&str], (op, value): (Op, &Value)) -> Result<(), Failure> {
    let said = match value {
        Value::Array(items) => items.clone(),
        one => vec![one.clone()],
    };
    let before = if op == Op::Add { of.remove(name) } else { None };
    let mut after = match before {
        Some(Value::Array(items)) => items,
        _ => vec![],
    };
    let mut known: HashSet<String> = after.iter().map(same).collect();
    let mut is_primary = false;
    for item in said {
        if !item.is_object() && !item.is_string() {
            return Err(error::value(name, "must hold objects"));
        }
        let item = if let Value::String(text) = item { json!({ "value": text }) } else { tidy(item, parts) };
        let primary = member(&item, "primary").and_then(truth) == Some(true);
        if known.insert(same(&item)) {
            if primary && !is_primary {
                only(&mut after, None);
                is_primary = true;
            }
            after.push(item);
        }
    }
    of.insert(name.to_owned(), Value::Array(after));
    Ok(())
}

/// The value without parts that are not known, under the names that they have here.
fn tidy(item: Value, parts: &[&str]) -> Value {
    let Value::Object(said) = item else { return item };
    let known = |name: &str| parts.iter().find(|known| known.eq_ignore_ascii_case(name)).map(|n| (*n).to_owned());
    Value::Object(said.into_iter().filter_map(|(name, value)| Some((known(&name)?, value))).collect())
}

/// Two values with the same of this are one.
fn same(item: &Value) -> String {
    let text = |part| member(item, part).map(ToString::to_string).unwrap_or_default();
    format!("{}\u{0}{}", text("value"), text("type"))
}

/// Of several values one at most is the first choice: no other is.
fn only(items: &mut [Value], but: Option<usize>) {
    for (index, item) in items.iter_mut().enumerate() {
        if Some(index) != but
            && let Some(primary) = item.as_object_mut().and_then(|parts| parts.get_mut("primary"))
        {
            *primary = Value::Bool(false);
        }
    }
}

/// The values that a filter means, or all of them; where it means none, one that it describes.
fn within(
    of: &mut Map<String, Value>,
    place: &Place,
    (filter, part): (Option<&ValFilter>, Option<&str>),
    value: &Value,
    shape: &Shape,
) -> Result<(), Failure> {
    let Kind::Multi(parts) = place.kind else { return Err(error::path("only one of several values has a filter")) };
    let items = of.entry(place.name).or_insert_with(|| json!([]));
    let Some(items) = items.as_array_mut() else { return Err(error::value(place.name, "must be an array")) };
    let mut meant = chosen(items, filter, (shape, place.name))?;
    if meant.is_empty() {
        let described = described(filter).ok_or_else(|| error::no_target(place.name))?;
        items.push(described);
        meant.push(items.len() - 1);
    }
    for index in &meant {
        merge(&mut items[*index], (parts, part), value, place.name)?;
    }
    let said = match part {
        Some(part) if part.eq_ignore_ascii_case("primary") => truth(value),
        Some(_) => None,
        None => member(value, "primary").and_then(truth),
    };
    if said == Some(true) {
        only(items, meant.first().copied());
    }
    Ok(())
}

fn chosen(items: &[Value], filter: Option<&ValFilter>, of: (&Shape, &str)) -> Result<Vec<usize>, Failure> {
    let mut chosen = vec![];
    for (index, item) in items.iter().enumerate() {
        if filter.map_or(Ok(true), |filter| means_value(filter, item, of))? {
            chosen.push(index);
        }
    }
    Ok(chosen)
}

/// A value of which the filter says all that there is to say: parts that are equal to something.
fn described(filter: Option<&ValFilter>) -> Option<Value> {
    let mut parts = Map::new();
    let all = match filter {
        None => &[],
        Some(ValFilter::And(all)) => all.as_slice(),
        Some(one) => std::slice::from_ref(one),
    };
    for one in all {
        let ValFilter::Attr(AttrExp::Comparison(path, CompareOp::Eq, value)) = one else { return None };
        let value = match value {
            CompValue::Str(text) => json!(text),
            CompValue::True => json!(true),
            CompValue::False => json!(false),
            CompValue::Number(_) | CompValue::Null => return None,
        };
        parts.insert(path.name.clone(), value);
    }
    Some(Value::Object(parts))
}

fn remove(of: &mut Map<String, Value>, place: &Place, value: Option<&Value>, shape: &Shape) -> Result<(), Failure> {
    if place.filter.is_none() && place.part.is_none() {
        if shape.required.contains(&place.name) {
            return Err(error::mutability(format!("{} cannot be taken away", place.name)));
        }
        match (place.kind, value) {
            // Only those that are named beside the path.
            (Kind::Multi(_), Some(named)) => without(of, place.name, named),
            _ => drop(of.remove(place.name)),
        }
        return Ok(());
    }
    let is_empty = match of.get_mut(place.name) {
        Some(Value::Object(whole)) => {
            if let Some(part) = &place.part {
                set(whole, part, Value::Null);
            }
            whole.is_empty()
        }
        Some(Value::Array(items)) => {
            let meant: HashSet<usize> =
                chosen(items, place.filter.as_ref(), (shape, place.name))?.into_iter().collect();
            match &place.part {
                Some(part) => {
                    for index in &meant {
                        if let Some(item) = items[*index].as_object_mut() {
                            set(item, part, Value::Null);
                        }
                    }
                }
                None => {
                    let mut index = 0;
                    items.retain(|_| {
                        index += 1;
                        !meant.contains(&(index - 1))
                    });
                }
            }
            items.is_empty()
        }
        _ => false,
    };
    if is_empty {
        of.remove(place.name);
    }
    Ok(())
}

fn without(of: &mut Map<String, Value>, name: &str, named: &Value) {
    let id = |value: &Value| member(value, "value").unwrap_or(value).as_str().map(str::to_owned);
    let gone: HashSet<String> = match named {
        Value::Array(items) => items.iter().filter_map(id).collect(),
        one => id(one).into_iter().collect(),
    };
    if let Some(Value::Array(items)) = of.get_mut(name) {
        items.retain(|item| !id(item).is_some_and(|id| gone.contains(&id)));
        if items.is_empty() {
            of.remove(name);
        }
    }
}
