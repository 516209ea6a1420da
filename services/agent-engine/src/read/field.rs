//! One field of what a model wrote, as something that can be reckoned with.

use crate::prose::line;
use serde::Deserialize;
use serde_json::Value;

/// As many characters as a statement may have.
pub(super) const STATEMENT: usize = 240;
/// No company has a number beyond it, and sums of such numbers stay finite.
const MOST: f64 = 1e15;
const MOST_DAYS: f64 = 3_650.0;

/// A statement; empty where there is none.
pub(super) fn text(item: &Value, name: &str) -> String {
    line(item.get(name).and_then(Value::as_str).unwrap_or_default(), STATEMENT)
}

/// The same, of which nothing is nothing.
pub(super) fn some_text(item: &Value, name: &str) -> Option<String> {
    Some(text(item, name)).filter(|text| !text.is_empty())
}

pub(super) fn number(item: &Value, name: &str) -> Option<f64> {
    item.get(name).and_then(Value::as_f64).filter(|number| number.abs() <= MOST)
}

/// 0 to 1; 0 where there is none.
pub(super) fn fraction(item: &Value, name: &str) -> f64 {
    number(item, name).unwrap_or_default().clamp(0.0, 1.0)
}

/// Whole days from now, at most ten years.
pub(super) fn days(item: &Value, name: &str) -> Option<u32> {
    // In range by the line above it: the cast cuts nothing off.
    number(item, name).map(|days| days.clamp(0.0, MOST_DAYS).round() as u32)
}

/// 1 to 5; 1 where there is none.
pub(super) fn grade(item: &Value, name: &str) -> u8 {
    number(item, name).unwrap_or_default().clamp(1.0, 5.0).round() as u8
}

/// A word of an enumeration of the domain. None: it is no word of it.
pub(super) fn one_of<'a, T: Deserialize<'a>>(item: &'a Value, name: &str) -> Option<T> {
    T::deserialize(item.get(name)?).ok()
}

/// What is in a list; nothing where there is none.
pub(super) fn items<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}
