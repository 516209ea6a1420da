//! Which web pages may call the API.

use super::REQUEST_ID;
use crate::api::repeat::REPLAYED;
use http::{HeaderName, HeaderValue, Method, header};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{str::FromStr, time::Duration};
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};

/// An origin as browsers send it, or every origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Option<HeaderValue>);

/// Not an origin.
#[derive(Debug, thiserror::Error)]
#[error("{0:?} is not an origin: write https://app.example.com, with a port if it has one and without a path, or *")]
pub struct Malformed(String);

impl FromStr for Origin {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text == "*" {
            return Ok(Self(None));
        }
        let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.:[]".contains(c);
        match HeaderValue::from_str(text) {
            // Browsers send origins in lower case and without a slash: anything else would never match.
            Ok(value) if !host.is_empty() && host.chars().all(plain) => Ok(Self(Some(value))),
            _ => Err(Malformed(text.to_owned())),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.as_ref().and_then(|value| value.to_str().ok()).unwrap_or("*"))
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// The layer for `origins`; None where no origin is allowed, so that the default costs nothing.
///
/// Credentials are never allowed: they travel in a header that the page sets, not in a cookie that any page could use.
pub(crate) fn cors(origins: &[Origin]) -> Option<CorsLayer> {
    let exact: Vec<HeaderValue> = origins.iter().filter_map(|origin| origin.0.clone()).collect();
    let allowed = match origins {
        [] => return None,
        _ if exact.len() < origins.len() => AllowOrigin::any(),
        _ => AllowOrigin::list(exact),
    };
    let layer = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE])
        // OpenAI's SDK sends a dozen headers of its own.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(exposed())
        .max_age(Duration::from_secs(600));
    Some(layer)
}

fn exposed() -> Vec<HeaderName> {
    let ours = ["provider", "model", "attempts", "overhead-us", "guardrails"].map(|n| format!("x-perpetuo-{n}"));
    let limits = ["limit", "remaining", "reset"]
        .into_iter()
        .flat_map(|what| ["requests", "tokens"].map(|kind| format!("x-ratelimit-{what}-{kind}")));
    let named = ours.into_iter().chain(limits).filter_map(|name| name.parse().ok());
    [REQUEST_ID, REPLAYED, header::RETRY_AFTER, header::LOCATION].into_iter().chain(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_browser_sends_is_refused_at_the_start_and_not_ignored() {
        for bad in ["app.example.com", "https://app.example.com/", "https://App.example.com", "https://", "", "**"] {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
        for good in ["*", "http://localhost:3000", "https://app.example.com", "http://[::1]:3000"] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
    }
}
