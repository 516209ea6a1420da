//! Points in time as clients write and read them.

use crate::error::{Error, Result};
use chrono::{DateTime, NaiveDate, SubsecRound as _, Utc};
use prost_types::Timestamp;
use serde::{Deserialize, Deserializer, de::Error as _};

/// A time that a client gave: RFC 3339, or a date for its first moment in UTC.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instant(DateTime<Utc>);

impl Instant {
    /// As services take it.
    pub(crate) fn to_proto(self) -> Timestamp {
        proto::time::to_proto(self.0)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        parse(&text).map(Self).ok_or_else(|| D::Error::custom("must be an RFC 3339 time such as 2026-01-31T12:00:00Z"))
    }
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    // In a query string an offset's plus sign arrives as a space.
    let text = text.replace(' ', "+");
    let time = DateTime::parse_from_rfc3339(&text).ok().map(|time| time.to_utc());
    let date = || NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    time.or_else(date).map(|time| time.trunc_subsecs(6))
}

/// A time that a service gives if there is one.
pub(super) fn maybe(at: Option<Timestamp>) -> Option<DateTime<Utc>> {
    at.and_then(proto::time::from_proto)
}

/// A time that a service always gives.
pub(crate) fn always(at: Option<Timestamp>) -> Result<DateTime<Utc>> {
    maybe(at).ok_or_else(|| Error::incomplete("a time"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_and_dates_are_read_in_utc() {
        let read = |text| parse(text).map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
        assert_eq!(read("2026-01-31T12:00:00Z").as_deref(), Some("2026-01-31T12:00:00Z"));
        assert_eq!(read("2026-01-31T12:00:00 02:00").as_deref(), Some("2026-01-31T10:00:00Z"));
        assert_eq!(read("2026-01-31").as_deref(), Some("2026-01-31T00:00:00Z"));
        assert!(["", "yesterday", "2026-02-30", "1767225600"].iter().all(|text| parse(text).is_none()));
    }
}
