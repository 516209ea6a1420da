//! `x-ratelimit-…`: where the caller stands, in OpenAI's headers.

use http::{HeaderMap, HeaderName, HeaderValue};
use proto::{Failure, gateway::RateLimit};

/// The header of a kind of limit, for `limit`, `remaining` and `reset`.
struct Names {
    limit: HeaderName,
    remaining: HeaderName,
    reset: HeaderName,
}

const REQUESTS: Names = Names {
    limit: HeaderName::from_static("x-ratelimit-limit-requests"),
    remaining: HeaderName::from_static("x-ratelimit-remaining-requests"),
    reset: HeaderName::from_static("x-ratelimit-reset-requests"),
};
const TOKENS: Names = Names {
    limit: HeaderName::from_static("x-ratelimit-limit-tokens"),
    remaining: HeaderName::from_static("x-ratelimit-remaining-tokens"),
    reset: HeaderName::from_static("x-ratelimit-reset-tokens"),
};

/// Tells an admitted request where its limits stand.
pub(crate) fn admitted(headers: &mut HeaderMap, limits: &[RateLimit]) {
    for limit in limits {
        let names = match limit.kind.as_str() {
            "requests" => REQUESTS,
            "tokens" => TOKENS,
            _ => continue,
        };
        write(headers, names, limit.limit, limit.remaining, limit.reset_ms);
    }
}

/// Tells a refused request which limit it met.
pub(crate) fn refused(headers: &mut HeaderMap, failure: &Failure) {
    let names = match failure.get("kind") {
        Some("requests_per_minute") => REQUESTS,
        Some("tokens_per_minute") => TOKENS,
        _ => return,
    };
    let number = |name: &str| failure.get(name).and_then(|text| text.parse().ok());
    if let (Some(limit), Some(reset)) = (number("limit"), number("reset_ms")) {
        write(headers, names, limit, number("remaining").unwrap_or(0), reset);
    }
}

fn write(headers: &mut HeaderMap, names: Names, limit: i64, remaining: i64, reset_ms: i64) {
    headers.insert(names.limit, limit.into());
    headers.insert(names.remaining, remaining.into());
    if let Ok(reset) = HeaderValue::try_from(duration(reset_ms)) {
        headers.insert(names.reset, reset);
    }
}

/// As OpenAI writes durations: `12ms`, `1.5s`, `6m0s`, `1h0m0s`.
fn duration(ms: i64) -> String {
    let ms = ms.max(0);
    let (hours, minutes, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let seconds = match (rest / 1000, rest % 1000) {
        (whole, 0) => format!("{whole}s"),
        (whole, part) => format!("{whole}.{part:03}").trim_end_matches('0').to_owned() + "s",
    };
    match (hours, minutes) {
        (0, 0) if (1..1000).contains(&ms) => format!("{ms}ms"),
        (0, 0) => seconds,
        (0, _) => format!("{minutes}m{seconds}"),
        _ => format!("{hours}h{minutes}m{seconds}"),
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_look_like_openais() {
        let written = [0, 12, 1000, 1500, 59_050, 360_000, 3_600_000, -5].map(duration);
        assert_eq!(written, ["0s", "12ms", "1s", "1.5s", "59.05s", "6m0s", "1h0m0s", "0s"]);
    }
}
