//! What a plan allows, as files, feeds and clients write it: a number is a limit, `"unlimited"` is none, true and false are
//! flags, any other text is a level.
//!
//! Keys are names in lower case. Some are enforced where what they count is counted:
//! `<resource>_per_day`, `<resource>_per_month` and `<resource>_total` limit how much of a resource is used in a period,
//! and `executions_…` and `v1_…` with `rpm`, `tpm` or `concurrency` how fast. `usage_prepaid` lets nobody call models with credentials
//! of the platform who has no credits. All others are for who reads them.

use crate::billing::{Entitlement, entitlement::Value};
use std::collections::BTreeMap;

/// A plan's table.
pub type Table = BTreeMap<String, Entitlement>;

/// What a key limits where it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// How fast: of a surface, `executions` or `v1`.
    Rate(&'a str, Rate),
    /// The rates of a surface warn and refuse nothing.
    Soft(&'a str),
    /// How much of a resource.
    Quota(&'a str, Span),
    /// What the platform pays for is paid for beforehand, by credits.
    Prepaid,
}

/// What is limited of a surface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// Requests per minute.
    Requests,
    /// Tokens per minute.
    Tokens,
    /// Requests at once.
    Concurrency,
}

/// In which time, of the workspace's time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Span {
    /// A calendar day.
    Day,
    /// A calendar month.
    Month,
    /// Ever.
    Total,
}

/// What a key limits; None for one that nobody counts.
pub fn meaning(key: &str) -> Option<Meaning<'_>> {
    if key == "usage_prepaid" {
        return Some(Meaning::Prepaid);
    }
    for (end, span) in [("_per_day", Span::Day), ("_per_month", Span::Month), ("_total", Span::Total)] {
        if let Some(resource) = key.strip_suffix(end).filter(|resource| !resource.is_empty()) {
            return Some(Meaning::Quota(resource, span));
        }
    }
    let (surface, what) = key.split_once('_')?;
    let rate = |rate| Some(Meaning::Rate(surface, rate));
    match (surface, what) {
        ("executions" | "v1", "rpm") => rate(Rate::Requests),
        ("executions" | "v1", "tpm") => rate(Rate::Tokens),
        ("executions" | "v1", "concurrency") => rate(Rate::Concurrency),
        ("executions" | "v1", "soft") => Some(Meaning::Soft(surface)),
        _ => None,
    }
}

/// What is wrong with the value of a key that is counted.
pub fn problem(key: &str, value: &Entitlement) -> Option<&'static str> {
    let limit = match value.value {
        Some(Value::Limit(limit)) => Some(limit),
        Some(Value::Unlimited(_)) => None,
        Some(Value::Flag(_)) if matches!(meaning(key), Some(Meaning::Soft(_) | Meaning::Prepaid)) => return None,
        Some(Value::Flag(_) | Value::Level(_)) | None => {
            return meaning(key).map(|meaning| match meaning {
                Meaning::Soft(_) | Meaning::Prepaid => "must be true or false",
                Meaning::Rate(..) | Meaning::Quota(..) => "must be a number or \"unlimited\"",
            });
        }
    };
    match meaning(key) {
        Some(Meaning::Rate(..)) if limit.is_some_and(|limit| limit < 1) => Some("must be at least 1"),
        Some(Meaning::Soft(_) | Meaning::Prepaid) => Some("must be true or false"),
        _ => None,
    }
}

/// The text that stands for no limit.
pub const UNLIMITED: &str = "unlimited";

/// The entitlement that a JSON value means; None for one that means none.
pub fn read(value: &serde_json::Value) -> Option<Entitlement> {
    use serde_json::Value as Json;
    let value = match value {
        Json::Bool(flag) => Value::Flag(*flag),
        Json::String(text) if text == UNLIMITED => Value::Unlimited(true),
        Json::String(text) => Value::Level(text.clone()),
        Json::Number(number) => Value::Limit(number.as_i64()?),
        Json::Null | Json::Array(_) | Json::Object(_) => return None,
    };
    Some(Entitlement { value: Some(value) })
}

/// How it is written. One of a newer release, which says nothing here, is null.
pub fn write(entitlement: &Entitlement) -> serde_json::Value {
    match &entitlement.value {
        Some(Value::Limit(limit)) => (*limit).into(),
        Some(Value::Unlimited(_)) => UNLIMITED.into(),
        Some(Value::Flag(flag)) => (*flag).into(),
        Some(Value::Level(level)) => level.clone().into(),
        None => serde_json::Value::Null,
    }
}

/// A table, as an object.
pub fn write_all(table: &Table) -> serde_json::Value {
    table.iter().map(|(key, entitlement)| (key.clone(), write(entitlement))).collect::<serde_json::Map<_, _>>().into()
}

/// The table of an object, without what means nothing.
pub fn read_all(object: &serde_json::Value) -> Table {
    let entries = object.as_object().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.clone(), read(value)?))).collect()
}

/// A limit.
pub const fn limit(limit: i64) -> Entitlement {
    Entitlement { value: Some(Value::Limit(limit)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn each_kind_survives_its_text() {
        let table = json!({"tickets_per_month": 15, "storage_gb": "unlimited", "white_label": false, "support": "24h"});
        let read = read_all(&table);
        assert_eq!(write_all(&read), table);
        assert_eq!(read["storage_gb"].value, Some(Value::Unlimited(true)));
        assert_eq!(read["tickets_per_month"], limit(15));
    }

    #[test]
    fn keys_that_are_counted_have_numbers() {
        assert_eq!(meaning("executions_per_month"), Some(Meaning::Quota("executions", Span::Month)));
        assert_eq!(meaning("v1_tpm"), Some(Meaning::Rate("v1", Rate::Tokens)));
        assert_eq!([meaning("storage_gb"), meaning("_per_day"), meaning("sla")], [None; 3]);
        let wrong = |key: &str, value: serde_json::Value| problem(key, &super::read(&value).unwrap()).is_some();
        assert!(wrong("tickets_per_day", json!("many")) && wrong("v1_rpm", json!(0)) && wrong("v1_soft", json!(1)));
        assert!(!wrong("tickets_per_day", json!(0)) && !wrong("v1_rpm", json!("unlimited")));
        assert!(!wrong("v1_soft", json!(true)) && !wrong("sla", json!("4h")));
        assert!(wrong("usage_prepaid", json!(1)) && !wrong("usage_prepaid", json!(true)));
    }

    #[test]
    fn what_is_none_of_them_means_nothing() {
        for none in [json!(null), json!([1]), json!({}), json!(1.5), json!(u64::MAX)] {
            assert_eq!(super::read(&none), None, "{none}");
        }
    }
}
