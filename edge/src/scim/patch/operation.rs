//! What a change says, read.

use crate::scim::{
    error,
    filter::{MAX_LENGTH, value_terms},
    shape::{Meaning, Shape},
    value::member,
};
use proto::{Failure, Reason};
use scim_v2::filter::{AttrPath, PatchPath, PatchValuePath, ValFilter};
use serde_json::Value;

/// How many operations one request may hold.
const MAX_OPERATIONS: usize = 1_000;
/// How many comparisons the path of one may hold.
const MAX_TERMS: usize = 16;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::scim) enum Op {
    Add,
    Remove,
    Replace,
}

/// Which values, of an attribute that is kept.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scim) struct Place {
    pub(super) name: &'static str,
    pub(super) kind: crate::scim::shape::Kind,
    pub(super) filter: Option<ValFilter>,
    pub(super) part: Option<String>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::scim) struct Operation {
    pub(super) op: Op,
    pub(super) place: Place,
    pub(super) value: Option<Value>,
}

/// Those of a request, without what is not kept. Errors: `invalidSyntax`, `invalidPath`, `mutability`; `BODY_TOO_LARGE` for
/// too many.
pub(in crate::scim) fn read(body: &Value, shape: &Shape) -> Result<Vec<Operation>, Failure> {
    let Some(Value::Array(said)) = member(body, "Operations") else {
        return Err(error::syntax("Operations must be an array of what is to be changed"));
    };
    if said.is_empty() {
        return Err(error::syntax("Operations must not be empty"));
    }
    if said.len() > MAX_OPERATIONS {
        let why = format!("there are more than {MAX_OPERATIONS} operations: send them in several requests");
        return Err(Reason::BodyTooLarge.with(why).fact(error::FACT, "tooMany"));
    }
    let mut all = vec![];
    for one in said {
        operation(one, shape, &mut all)?;
    }
    Ok(all)
}

fn operation(said: &Value, shape: &Shape, into: &mut Vec<Operation>) -> Result<(), Failure> {
    let op = match member(said, "op").and_then(Value::as_str).map(str::to_ascii_lowercase).as_deref() {
        Some("add") => Op::Add,
        Some("remove") => Op::Remove,
        Some("replace") => Op::Replace,
        _ => return Err(error::syntax("op of an operation must be add, remove or replace")),
    };
    let value = member(said, "value").cloned();
    match member(said, "path") {
        Some(Value::String(path)) if !path.is_empty() => {
            if op != Op::Remove && value.is_none() {
                return Err(error::syntax("an operation that adds or replaces must have a value"));
            }
            if let Some(place) = place(path, shape)? {
                into.push(Operation { op, place, value });
            }
            Ok(())
        }
        None | Some(Value::Null | Value::String(_)) => without_path(op, value, shape, into),
        Some(_) => Err(error::path("path of an operation must be a text")),
    }
}

/// Each member of the value is an attribute, or the path of one.
fn without_path(op: Op, value: Option<Value>, shape: &Shape, into: &mut Vec<Operation>) -> Result<(), Failure> {
    if op == Op::Remove {
        let why = "an operation that removes must have a path";
        return Err(Reason::InvalidArgument.with(why).fact(error::FACT, "noTarget"));
    }
    let Some(Value::Object(members)) = value else {
        return Err(error::syntax("value of an operation without a path must be an object of attributes"));
    };
    for (path, value) in members {
        // They say what they are once more: nothing is changed by it.
        if ["schemas", "id", "meta"].iter().any(|name| name.eq_ignore_ascii_case(&path)) {
            continue;
        }
        match place(&path, shape) {
            Ok(Some(place)) => into.push(Operation { op, place, value: Some(value) }),
            Ok(None) => {}
            Err(failure) => return Err(failure),
        }
    }
    Ok(())
}

/// What a path leads to. None: to something that nobody keeps. Errors: `invalidPath`, `mutability`.
fn place(path: &str, shape: &Shape) -> Result<Option<Place>, Failure> {
    if path.len() > MAX_LENGTH {
        return Err(error::path(format!("a path is longer than {MAX_LENGTH} bytes")));
    }
    let parsed: PatchPath =
        path.parse().map_err(|_| error::path("a path cannot be read: see RFC 7644, section 3.5.2"))?;
    let (attribute, filter, part) = match parsed {
        PatchPath::Attr(attribute) => {
            let part = attribute.sub_attr.clone();
            (attribute, None, part)
        }
        PatchPath::Value(PatchValuePath { attr, filter, sub_attr }) => (attr, Some(filter), sub_attr),
    };
    let AttrPath { uri, name, .. } = &attribute;
    let (name, kind) = match meaning(shape, uri.as_deref(), name) {
        Meaning::Kept(name, kind) => (name, kind),
        Meaning::Ignored => return Ok(None),
        Meaning::ReadOnly => return Err(error::mutability(format!("{name} is said by this server alone"))),
        Meaning::Unknown => return Err(error::path(format!("{name} is no attribute of a {}", shape.name))),
    };
    if filter.as_ref().is_some_and(|filter| value_terms(filter) > MAX_TERMS) {
        return Err(error::path(format!("a path has more than {MAX_TERMS} comparisons")));
    }
    Ok(Some(Place { name, kind, filter, part }))
}

/// The library takes the last word of a schema's name for an attribute, where nothing follows it.
fn meaning(shape: &Shape, urn: Option<&str>, name: &str) -> Meaning {
    match urn {
        Some(urn) if format!("{urn}:{name}").eq_ignore_ascii_case(shape.urn) => Meaning::Unknown,
        urn => shape.meaning(urn, name),
    }
}
