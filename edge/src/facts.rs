//! The facts of a failure as members of its document.

use proto::{Failure, Reason};
use serde_json::{Map, Value};

/// Where every limit of the caller can be read.
const LIMITS_URL: &str = "/v1/limits";

/// Whether the failure says that something is used up, and must name the limit.
pub(crate) fn is_limit(reason: Reason) -> bool {
    matches!(reason.http(), 402 | 429)
}

/// The facts by name; whole numbers as numbers.
pub(crate) fn of(failure: &Failure) -> Map<String, Value> {
    let mut members: Map<_, _> = failure.facts.iter().map(|(name, text)| (name.clone(), value(text))).collect();
    if is_limit(failure.reason) {
        members.insert("limits_url".to_owned(), LIMITS_URL.into());
    }
    members
}

fn value(text: &str) -> Value {
    match text.parse::<i64>() {
        // "007" and "+7" are names, not numbers.
        Ok(number) if number.to_string() == text => number.into(),
        _ => text.into(),
    }
}
