//! An inference: the client's bytes to the gateway, the gateway's bytes to the client.

use super::{rate, sse, wishes::Wishes};
use crate::{
    api::repeat::REPLAYED,
    app::Shared,
    body::{self, Bounds},
    error::{Error, Result},
};
use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use proto::{
    Call, Reason,
    gateway::{CompleteRequest, CompleteResponse, Head, Operation, complete_response::Part},
    usage::Guarded,
};
use std::future::ready;
use tonic::{Status, codegen::BoxStream};

const PROVIDER: HeaderName = HeaderName::from_static("x-perpetuo-provider");
const MODEL: HeaderName = HeaderName::from_static("x-perpetuo-model");
const CACHE: HeaderName = HeaderName::from_static("x-perpetuo-cache");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-perpetuo-attempts");
const OVERHEAD: HeaderName = HeaderName::from_static("x-perpetuo-overhead-us");
const DROPPED: HeaderName = HeaderName::from_static("x-perpetuo-dropped");
const GUARDRAILS: HeaderName = HeaderName::from_static("x-perpetuo-guardrails");
/// Asks nginx and its like not to hold events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A JSON body that is passed on as it came.
pub(crate) struct Raw(pub Bytes);

impl FromRequest<Shared> for Raw {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        body::require_json(request.headers())?;
        let bounds = Bounds { size: app.config.inference_body_bytes, time: app.config.body_timeout() };
        let (parts, body) = request.into_parts();
        body::read(&parts.headers, body, bounds).await.map(Self)
    }
}

/// A form that is passed on as it came.
pub(crate) struct Form {
    pub content_type: String,
    pub body: Bytes,
}

impl FromRequest<Shared> for Form {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        let content_type =
            request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !content_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            let problem =
                "the body must be a form: send the header Content-Type: multipart/form-data with its boundary";
            return Err(Reason::UnsupportedMediaType.with(problem).into());
        }
        let content_type = content_type.to_owned();
        let bounds = Bounds { size: app.config.inference_body_bytes, time: app.config.body_timeout() };
        let (parts, body) = request.into_parts();
        Ok(Self { content_type, body: body::read(&parts.headers, body, bounds).await? })
    }
}

/// Asks the gateway, and answers what it answers.
pub(crate) async fn answer(
    app: &Shared,
    call: &Call,
    Wishes(wishes): Wishes,
    operation: Operation,
    body: Bytes,
) -> Result<Response> {
    ask(app, call, CompleteRequest { operation: operation.into(), body, ..wishes }).await
}

/// The same with a body that is not JSON.
pub(crate) async fn ask(app: &Shared, call: &Call, request: CompleteRequest) -> Result<Response> {
    let operation = request.operation();
    let mut parts = app.services.gateway.complete(call, request).await?;
    let Some(Part::Head(head)) = parts.next().await.transpose()?.and_then(|first| first.part) else {
        return Err(Error::incomplete("its head"));
    };
    let streams = head.content_type.starts_with("text/event-stream");
    let is_sound = head.content_type.starts_with("audio/") || head.content_type == "application/octet-stream";
    let body = match streams {
        true => sse::body(parts, operation),
        false if is_sound => sound(parts),
        false => whole(parts).await?.into(),
    };
    Ok(response(&head, streams, body))
}

/// Sound, passed on while it is made. A failure on the way breaks the connection: there is nowhere else to tell it.
fn sound(parts: BoxStream<CompleteResponse>) -> Body {
    Body::from_stream(parts.filter_map(|part| {
        ready(match part {
            Ok(CompleteResponse { part: Some(Part::Data(data)) }) => Some(Ok(data)),
            Ok(_) => None,
            Err(status) => {
                tracing::warn!(code = Reason::of(&status).as_str(), source = status.message(), "sound broke off");
                Some(Err(status))
            }
        })
    }))
}

/// All of an answer that is not a stream. What fails on the way is an error still, as nothing was sent yet.
async fn whole(mut parts: BoxStream<CompleteResponse>) -> Result<Bytes, Status> {
    let (mut first, mut all) = (Bytes::new(), BytesMut::new());
    while let Some(part) = parts.next().await.transpose()? {
        let Some(Part::Data(data)) = part.part else { continue };
        // Most answers come in one piece, which needs no copy.
        if first.is_empty() && all.is_empty() {
            first = data;
            continue;
        }
        if all.is_empty() {
            all.extend_from_slice(&std::mem::take(&mut first));
        }
        all.extend_from_slice(&data);
    }
    Ok(if all.is_empty() { first } else { all.freeze() })
}

fn response(head: &Head, streams: bool, body: Body) -> Response {
    let mut response = Response::new(body);
    let status = u16::try_from(head.status).ok().and_then(|status| StatusCode::from_u16(status).ok());
    *response.status_mut() = status.unwrap_or(StatusCode::BAD_GATEWAY);
    let headers = response.headers_mut();
    headers.reserve(16);
    if streams {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        headers.insert(BUFFERING, HeaderValue::from_static("no"));
    } else {
        text(headers, CONTENT_TYPE, &head.content_type);
    }
    text(headers, PROVIDER, &head.provider);
    text(headers, MODEL, &head.model);
    text(headers, CACHE, &head.cache);
    headers.insert(ATTEMPTS, head.attempts.into());
    headers.insert(OVERHEAD, head.overhead_us.into());
    text(headers, DROPPED, &head.dropped.join(","));
    if !head.guardrails.is_empty() {
        text(headers, GUARDRAILS, &guarded(&head.guardrails));
    }
    if head.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if let Some(seconds) = head.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    rate::admitted(headers, &head.rate_limits);
    response
}

/// What guardrails found: `pii;input;redact=2, rivals;input;flag=1`.
fn guarded(found: &[Guarded]) -> String {
    let one = |g: &Guarded| format!("{};{};{}={}", g.name, g.stage, g.action, g.count);
    found.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// A header of text that others chose: left out where it cannot be one.
fn text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !value.is_empty()
    {
        headers.insert(name, value);
    }
}
