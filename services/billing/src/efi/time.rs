//! When was it, as the API of charges writes times?

use crate::brazil;
use chrono::{DateTime, NaiveDate, NaiveDateTime, TimeZone as _, Utc};
use chrono_tz::America::Sao_Paulo;

/// Reads `2026-11-29 10:54:00` and `2026-11-29`, which are Brasília's time, and RFC 3339. None for anything else.
pub(super) fn read(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(at.to_utc());
    }
    if let Ok(local) = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S") {
        return Sao_Paulo.from_local_datetime(&local).earliest().map(|at| at.to_utc());
    }
    day(text).map(brazil::start_of)
}

/// The day of a text that begins with one, such as `2026-11-30T15:00:00.000Z` for a day on which something is due.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let (day, rest) = text.split_at_checked(10)?;
    let is_day = rest.is_empty() || rest.starts_with(['T', ' ']);
    day.parse().ok().filter(|_| is_day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_brasilia_unless_they_say_otherwise() {
        for (text, at) in [
            ("2026-11-29 10:54:00", "2026-11-29T13:54:00Z"),
            ("2026-11-29", "2026-11-29T03:00:00Z"),
            ("2026-11-29T10:54:00.000Z", "2026-11-29T10:54:00Z"),
            ("2026-11-29T10:54:00-03:00", "2026-11-29T13:54:00Z"),
        ] {
            assert_eq!(read(text), Some(at.parse().unwrap()), "{text}");
        }
        for text in ["", "today", "2026-13-01", "2026-11-29x", "29/11/2026", "2026-11-2é"] {
            assert_eq!((read(text), day(text)), (None, None), "{text}");
        }
        assert_eq!(day("2026-11-30T15:00:00.000Z"), NaiveDate::from_ymd_opt(2026, 11, 30));
    }
}
