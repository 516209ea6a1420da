//! How long does a provider ask to be left alone?

use chrono::{DateTime, Utc};
use http::HeaderMap;
use std::time::Duration;

/// Longer than this is not an answer to give to a waiting client.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// `retry-after-ms`, or `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3).
pub(super) fn read(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::trim);
    if let Some(ms) = text("retry-after-ms").and_then(|t| t.parse::<f64>().ok()) {
        return seconds(ms / 1000.0);
    }
    let value = text("retry-after")?;
    if let Ok(number) = value.parse::<f64>() {
        return seconds(number);
    }
    let at = DateTime::parse_from_rfc2822(value).ok()?;
    (at.to_utc() - now).to_std().ok().map(|wait| wait.min(LONGEST))
}

fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok().map(|wait| wait.min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_form_is_read_and_nonsense_is_none() {
        let now = DateTime::parse_from_rfc3339("2026-11-21T10:00:00Z").expect("a time").to_utc();
        let wait = |name: &'static str, value: &'static str| {
            read(&HeaderMap::from_iter([(name.parse().expect("a name"), value.parse().expect("a value"))]), now)
        };
        assert_eq!(wait("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(wait("retry-after", "0.5"), Some(Duration::from_millis(500)));
        assert_eq!(wait("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(wait("retry-after", "Sat, 21 Nov 2026 10:01:00 GMT"), Some(Duration::from_secs(60)));
        assert_eq!(wait("retry-after", "1e300"), None);
        assert_eq!(wait("retry-after", "-1"), None);
        assert_eq!(wait("retry-after", "soon"), None);
    }
}
