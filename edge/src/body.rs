//! Reads a request's body whole, within a size and a time.

use crate::error::Result;
use axum::body::Body;
use bytes::{Bytes, BytesMut};
use http::{
    HeaderMap,
    header::{CONTENT_LENGTH, CONTENT_TYPE, EXPECT},
};
use http_body_util::BodyExt as _;
use proto::{Failure, Reason};
use std::time::Duration;

/// How much of a refused body is still taken in. Clients that write all before they read would otherwise see a
/// broken connection in place of the answer.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// What a body may be.
#[derive(Clone, Copy)]
pub(crate) struct Bounds {
    /// Bytes.
    pub size: usize,
    /// From the first byte to the last.
    pub time: Duration,
}

/// The whole body. Errors: `BODY_TOO_LARGE`, `MALFORMED_REQUEST` where it does not arrive.
pub(crate) async fn read(headers: &HeaderMap, body: Body, bounds: Bounds) -> Result<Bytes> {
    let declared = headers.get(CONTENT_LENGTH).and_then(|v| v.to_str().ok()).and_then(|v| v.parse::<usize>().ok());
    if declared.is_some_and(|length| length > bounds.size) {
        // Whoever asks first has sent nothing yet.
        if !headers.contains_key(EXPECT) {
            drain(body).await;
        }
        return Err(too_large(bounds.size).into());
    }
    let all = collect(body, declared.unwrap_or_default(), bounds.size);
    let late = |_| Reason::MalformedRequest.with(format!("the body did not arrive within {} s", bounds.time.as_secs()));
    Ok(tokio::time::timeout(bounds.time, all).await.map_err(late)??)
}

async fn collect(mut body: Body, declared: usize, limit: usize) -> Result<Bytes, Failure> {
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Reason::MalformedRequest.with("the body ended before all of it was sent"))?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + all.len() + data.len() > limit {
            drain(body).await;
            return Err(too_large(limit));
        }
        // Most bodies arrive in one piece, which then needs no copy.
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.reserve(declared.max(first.len() + data.len()));
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

async fn drain(mut body: Body) {
    let all = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            let length = frame.data_ref().map_or(0, Bytes::len);
            match left.checked_sub(length) {
                Some(rest) => left = rest,
                None => break,
            }
        }
    };
    // Nothing depends on how it ends: the answer is the same.
    let _ = tokio::time::timeout(DRAIN_TIME, all).await;
}

fn too_large(limit: usize) -> Failure {
    Reason::BodyTooLarge
        .with(format!("the body is larger than {limit} bytes, the most that this route takes"))
        .fact("limit_bytes", limit)
}

/// Refuses what does not call itself JSON. Errors: `UNSUPPORTED_MEDIA_TYPE`.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Failure> {
    let given = headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default());
    let essence = given.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    Err(Reason::UnsupportedMediaType.with("send the body as JSON, with the header Content-Type: application/json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    const SMALL: Bounds = Bounds { size: 8, time: Duration::from_secs(1) };

    async fn collected(chunks: &[&'static str]) -> Result<String, Reason> {
        let chunks: Vec<_> = chunks.iter().map(|c| Ok::<_, std::io::Error>(Bytes::from_static(c.as_bytes()))).collect();
        let body = Body::from_stream(stream::iter(chunks));
        let bytes = read(&HeaderMap::new(), body, SMALL).await.map_err(|e| e.failure().reason)?;
        Ok(String::from_utf8(bytes.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn a_body_is_put_together_from_its_pieces() {
        assert_eq!(collected(&[]).await, Ok(String::new()));
        assert_eq!(collected(&["12345678"]).await, Ok("12345678".to_owned()));
        assert_eq!(collected(&["12", "", "34", "5678"]).await, Ok("12345678".to_owned()));
    }

    #[tokio::test]
    async fn the_limit_holds_whatever_the_client_declared() {
        assert_eq!(collected(&["12345", "6789"]).await, Err(Reason::BodyTooLarge));
        let declared = HeaderMap::from_iter([(CONTENT_LENGTH, "9".parse().unwrap())]);
        let refused = read(&declared, Body::from("123456789"), SMALL).await.map_err(|e| e.failure().reason);
        assert_eq!(refused, Err(Reason::BodyTooLarge));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_not_waited_for() {
        let body = Body::from_stream(stream::pending::<Result<Bytes, std::io::Error>>());
        let refused = read(&HeaderMap::new(), body, SMALL).await.map_err(|e| e.failure().reason);
        assert_eq!(refused, Err(Reason::MalformedRequest));
    }

    #[test]
    fn only_json_is_json() {
        let of = |value: &str| require_json(&HeaderMap::from_iter([(CONTENT_TYPE, value.parse().unwrap())])).is_ok();
        assert!(of("application/json") && of("Application/JSON; charset=utf-8") && of("application/problem+json"));
        assert!(!of("text/plain") && !of("application/x-www-form-urlencoded") && !of("application/jsonp"));
        assert!(require_json(&HeaderMap::new()).is_err());
    }
}
