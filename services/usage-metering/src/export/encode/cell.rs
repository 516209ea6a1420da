//! What stands in a cell?

use chrono::{DateTime, SecondsFormat, Utc};
use proto::money::Nanos;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A value of one column.
#[derive(Clone, Debug)]
pub(crate) enum Cell<'a> {
    /// There is none.
    Nothing,
    /// Text that a client or a provider chose, or a name of ours.
    Text(Cow<'a, str>),
    /// A JSON object: a text in CSV, itself in JSON.
    Json(&'a RawValue),
    Int(i64),
    Bool(bool),
    Time(DateTime<Utc>),
    /// Written exactly, as text: no reader may make a float of it.
    Money(Nanos),
}

impl<'a> Cell<'a> {
    /// Text, or nothing where there is none.
    pub fn text(text: &'a str) -> Self {
        if text.is_empty() { Self::Nothing } else { Self::Text(Cow::Borrowed(text)) }
    }

    /// JSON that somebody else wrote; what is none stays a text.
    pub fn json(text: &'a str) -> Self {
        serde_json::from_str(text).map_or_else(|_| Self::text(text), Self::Json)
    }

    /// An id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Text(Cow::Owned(id.into()))
    }

    /// What there may be.
    pub fn maybe<T>(value: Option<T>, cell: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Nothing, cell)
    }
}

/// RFC 3339, UTC.
pub(super) fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
