//! Which resources does a filter mean? The grammar is read by a library; what is compared with what is decided here.

use super::{
    error,
    shape::Shape,
    value::{all, member, truth},
};
use chrono::{DateTime, FixedOffset};
use proto::Failure;
use scim_v2::filter::{AttrExp, AttrPath, CompValue, CompareOp, ValuePath};
pub(super) use scim_v2::filter::{Filter, ValFilter};
use serde_json::Value;
use std::cmp::Ordering;

/// The longest filter, in bytes.
pub(super) const MAX_LENGTH: usize = 4_096;
/// How many comparisons it may hold: each is made for each resource.
const MAX_TERMS: usize = 64;

/// Reads a filter. Errors: `invalidFilter`.
pub(super) fn parse(text: &str) -> Result<Filter, Failure> {
    if text.len() > MAX_LENGTH {
        return Err(error::filter(format!("the filter is longer than {MAX_LENGTH} bytes: ask for less at once")));
    }
    let filter: Filter =
        text.parse().map_err(|_| error::filter("the filter cannot be read: see RFC 7644, section 3.4.2.2"))?;
    if terms(&filter) > MAX_TERMS {
        return Err(error::filter(format!("the filter has more than {MAX_TERMS} comparisons: ask for less at once")));
    }
    Ok(filter)
}

fn terms(filter: &Filter) -> usize {
    match filter {
        Filter::Attr(_) => 1,
        Filter::ValuePath(path) => value_terms(&path.filter),
        Filter::Not(inner) => terms(inner),
        Filter::And(all) | Filter::Or(all) => all.iter().map(terms).sum(),
    }
}

/// How many comparisons the filter of a path holds.
pub(super) fn value_terms(filter: &ValFilter) -> usize {
    match filter {
        ValFilter::Attr(_) => 1,
        ValFilter::Not(inner) => value_terms(inner),
        ValFilter::And(all) | ValFilter::Or(all) => all.iter().map(value_terms).sum(),
    }
}

/// What a filter asks for that is looked up and not searched.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Narrow {
    pub(super) user_name: Option<String>,
    pub(super) display_name: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) id: Option<String>,
    /// Whether that is all that the filter asks for.
    pub(super) is_all: bool,
}

/// Everything that the filter means is among what this finds.
pub(super) fn narrow(filter: &Filter, shape: &Shape) -> Narrow {
    let mut narrow = Narrow { is_all: true, ..Narrow::default() };
    let one;
    let terms: &[Filter] = match filter {
        Filter::And(all) => all.as_slice(),
        other => {
            one = [other.clone()];
            &one
        }
    };
    for term in terms {
        narrow.is_all &= narrow.take(term, shape);
    }
    narrow
}

impl Narrow {
    fn take(&mut self, term: &Filter, shape: &Shape) -> bool {
        let Filter::Attr(AttrExp::Comparison(path, CompareOp::Eq, CompValue::Str(text))) = term else { return false };
        if path.sub_attr.is_some() || path.uri.as_ref().is_some_and(|urn| !urn.eq_ignore_ascii_case(shape.urn)) {
            return false;
        }
        let place = match path.name.to_ascii_lowercase().as_str() {
            "username" if shape.name == "User" => &mut self.user_name,
            "displayname" if shape.name == "Group" => &mut self.display_name,
            "externalid" => &mut self.external_id,
            "id" => &mut self.id,
            _ => return false,
        };
        // A second one says something else or the same, and is compared.
        if place.is_some() {
            return false;
        }
        *place = Some(text.clone());
        true
    }
}

/// Whether a resource is meant. Errors: `invalidFilter` for what cannot be compared.
pub(super) fn means(filter: &Filter, of: &Value, shape: &Shape) -> Result<bool, Failure> {
    match filter {
        Filter::Attr(expression) => compare(expression, of, |path| reach(path, of, shape)),
        Filter::ValuePath(ValuePath { attr, filter }) => {
            if is_elsewhere(attr, shape) {
                return Ok(false);
            }
            let several = match member(of, &attr.name) {
                Some(Value::Array(items)) => items.as_slice(),
                Some(one) => std::slice::from_ref(one),
                None => &[],
            };
            any(several, |item| means_value(filter, item, (shape, &attr.name)))
        }
        Filter::Not(inner) => means(inner, of, shape).map(|is| !is),
        Filter::And(terms) => every(terms, |term| means(term, of, shape)),
        Filter::Or(terms) => any(terms, |term| means(term, of, shape)),
    }
}

/// Whether one of several values of an attribute is meant. Errors: `invalidFilter`.
pub(super) fn means_value(filter: &ValFilter, item: &Value, (shape, of): (&Shape, &str)) -> Result<bool, Failure> {
    match filter {
        ValFilter::Attr(expression) => compare(expression, item, |path| {
            let part = path.name.as_str();
            let values = match item {
                Value::Object(_) => member(item, part).into_iter().collect(),
                plain if part.eq_ignore_ascii_case("value") => vec![plain],
                _ => vec![],
            };
            Reached { values, is_exact: shape.is_exact(of, Some(part)) }
        }),
        ValFilter::Not(inner) => means_value(inner, item, (shape, of)).map(|is| !is),
        ValFilter::And(terms) => every(terms, |term| means_value(term, item, (shape, of))),
        ValFilter::Or(terms) => any(terms, |term| means_value(term, item, (shape, of))),
    }
}

struct Reached<'a> {
    values: Vec<&'a Value>,
    is_exact: bool,
}

fn is_elsewhere(path: &AttrPath, shape: &Shape) -> bool {
    path.uri.as_ref().is_some_and(|urn| !urn.eq_ignore_ascii_case(shape.urn))
}

fn reach<'a>(path: &AttrPath, of: &'a Value, shape: &Shape) -> Reached<'a> {
    let (name, part) = (path.name.as_str(), path.sub_attr.as_deref());
    let values = if is_elsewhere(path, shape) { vec![] } else { all(of, name, part) };
    Reached { values, is_exact: shape.is_exact(name, part) }
}

fn compare<'a>(expression: &AttrExp, _: &'a Value, reach: impl Fn(&AttrPath) -> Reached<'a>) -> Result<bool, Failure> {
    let (path, op, wanted) = match expression {
        AttrExp::Present(path) => return Ok(reach(path).values.iter().any(|value| is_present(value))),
        AttrExp::Comparison(path, op, wanted) => (path, op, wanted),
    };
    let Reached { values, is_exact } = reach(path);
    if *wanted == CompValue::Null {
        let absent = !values.iter().any(|value| is_present(value));
        return match op {
            CompareOp::Eq => Ok(absent),
            CompareOp::Ne => Ok(!absent),
            _ => Err(error::filter("null is compared with eq and ne only")),
        };
    }
    // What has no value is not equal to anything.
    if *op == CompareOp::Ne {
        return any(&values, |value| holds(value, &CompareOp::Eq, wanted, is_exact)).map(|is| !is);
    }
    any(&values, |value| holds(value, op, wanted, is_exact))
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn holds(value: &Value, op: &CompareOp, wanted: &CompValue, is_exact: bool) -> Result<bool, Failure> {
    match value {
        Value::Bool(is) => {
            let wanted = match wanted {
                CompValue::True => Some(true),
                CompValue::False => Some(false),
                CompValue::Str(text) => truth(&Value::String(text.clone())),
                CompValue::Null | CompValue::Number(_) => None,
            };
            match op {
                CompareOp::Eq => Ok(wanted == Some(*is)),
                _ => Err(error::filter("true and false are compared with eq and ne only")),
            }
        }
        Value::String(text) => match wanted {
            CompValue::Str(wanted) => Ok(holds_text(text, op, wanted, is_exact)),
            _ => Ok(false),
        },
        Value::Number(number) => match wanted {
            CompValue::Number(wanted) => Ok(number.as_f64().partial_cmp(&wanted.as_f64()).is_some_and(|o| fits(op, o))),
            _ => Ok(false),
        },
        _ => Ok(false),
    }
}

fn holds_text(text: &str, op: &CompareOp, wanted: &str, is_exact: bool) -> bool {
    let time = |text: &str| -> Option<DateTime<FixedOffset>> { DateTime::parse_from_rfc3339(text).ok() };
    if let (Some(at), Some(wanted)) = (time(text), time(wanted)) {
        return fits(op, at.cmp(&wanted));
    }
    let fold = |text: &str| if is_exact { text.to_owned() } else { text.to_lowercase() };
    let (text, wanted) = (fold(text), fold(wanted));
    match op {
        CompareOp::Co => text.contains(&wanted),
        CompareOp::Sw => text.starts_with(&wanted),
        CompareOp::Ew => text.ends_with(&wanted),
        _ => fits(op, text.cmp(&wanted)),
    }
}

/// Texts alone have a beginning and an end.
const fn fits(op: &CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq => order.is_eq(),
        CompareOp::Ne => order.is_ne(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

fn any<T>(of: &[T], mut is: impl FnMut(&T) -> Result<bool, Failure>) -> Result<bool, Failure> {
    for one in of {
        if is(one)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn every<T>(of: &[T], mut is: impl FnMut(&T) -> Result<bool, Failure>) -> Result<bool, Failure> {
    any(of, |one| is(one).map(|is| !is)).map(|is| !is)
}

#[cfg(test)]
mod tests;
