//! `POST /v1/chat/completions`: the client's bytes to the gateway, the gateway's bytes to the client.

use super::{rate, schema, sse};
use crate::{
    api::repeat::{KEY, MISMATCH, REPLAYED},
    app::Shared,
    auth::Caller,
    body::{self, Bounds},
    error::{Error, Result},
};
use axum::{
    body::Body,
    extract::{FromRequest, Request, State},
    response::Response,
};
use bytes::{Bytes, BytesMut};
use futures::StreamExt as _;
use http::{
    HeaderMap, HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER},
};
use proto::gateway::{CompleteRequest, CompleteResponse, Head, Operation, complete_response::Part};
use tonic::{Status, codegen::BoxStream};

const PROVIDER: HeaderName = HeaderName::from_static("x-perpetuo-provider");
const MODEL: HeaderName = HeaderName::from_static("x-perpetuo-model");
const CACHE: HeaderName = HeaderName::from_static("x-perpetuo-cache");
const ATTEMPTS: HeaderName = HeaderName::from_static("x-perpetuo-attempts");
const OVERHEAD: HeaderName = HeaderName::from_static("x-perpetuo-overhead-us");
/// `1`: the log says why the request went where it went.
const EXPLAIN: HeaderName = HeaderName::from_static("x-perpetuo-explain");
/// Asks nginx and its like not to hold events back.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// A JSON body that is passed on as it came.
pub(crate) struct Raw(Bytes);

impl FromRequest<Shared> for Raw {
    type Rejection = Error;

    async fn from_request(request: Request, app: &Shared) -> Result<Self> {
        body::require_json(request.headers())?;
        let bounds = Bounds { size: app.config.inference_body_bytes, time: app.config.body_timeout() };
        let (parts, body) = request.into_parts();
        body::read(&parts.headers, body, bounds).await.map(Self)
    }
}

/// Create a chat completion.
///
/// OpenAI's `chat/completions`, whole: fields that are not listed here reach the provider untouched. `model` is an
/// alias of the workspace's routing, an exact model name, `<provider name>/<model>` or `<provider kind>/<model>`. With `stream: true` the answer is a
/// stream of server-sent events that ends with `data: [DONE]`; one that fails after its first byte ends with a
/// `data: {"error": …}` event and without `[DONE]`; so does one whose quota or budget is spent on the way, where the
/// workspace wants that, with the code `budget_exceeded`.
#[utoipa::path(
    post, path = "/v1/chat/completions", tag = "Models",
    params(("Idempotency-Key" = Option<String>, Header, description = KEY), ("Cache-Control" = Option<String>, Header, description = "`no-cache`: not an answer that was given before; \
        `no-store`: nor keep this one"), ("x-perpetuo-explain" = Option<String>, Header, description = "`1`: the request's log says in `routing` who \
        could have answered, why each did not, what it would have cost and how long each attempt took")),
    request_body(content = schema::ChatRequest, content_type = "application/json"),
    responses((status = 200, description = "The completion", headers(
        ("x-perpetuo-provider" = String, description = "Name of the provider that answered"),
        ("x-perpetuo-model" = String, description = "The model as the provider knows it"),
        ("idempotent-replayed" = String, description = "`true` on an answer that was given before"),
        ("x-perpetuo-cache" = String, description = "`hit`: the answer was given before; `miss`: it may be given again"),
        ("x-perpetuo-attempts" = i32, description = "How many attempts were made"),
        ("x-perpetuo-overhead-us" = i64, description = "Our own time until the head, in microseconds"),
        ("x-ratelimit-limit-requests" = i64, description = "Requests per minute, where limited; `-tokens` likewise"),
        ("x-ratelimit-remaining-requests" = i64, description = "What is left of it"),
        ("x-ratelimit-reset-requests" = String, description = "Until all of it is available again: `1s`, `6m0s`"),
    ), content(
        (schema::ChatCompletion = "application/json"),
        (String = "text/event-stream"),
    )), (status = 409, description = MISMATCH)),
)]
pub(crate) async fn create_chat_completion(
    State(app): State<Shared>,
    Caller(call): Caller,
    headers: HeaderMap,
    Raw(body): Raw,
) -> Result<Response> {
    let control = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let directives: Vec<_> = control.flat_map(|value| value.split(',')).map(str::trim).collect();
    let asks = |directive: &str| directives.iter().any(|given| given.eq_ignore_ascii_case(directive));
    let explain = headers.get(EXPLAIN).is_some_and(|value| value == "1" || value == "true");
    let request = CompleteRequest {
        operation: Operation::ChatCompletions.into(),
        body,
        explain,
        no_cache: asks("no-cache"),
        no_store: asks("no-store"),
    };
    let mut parts = app.services.gateway.complete(&call, request).await?;
    let Some(Part::Head(head)) = parts.next().await.transpose()?.and_then(|first| first.part) else {
        return Err(Error::incomplete("its head"));
    };
    let streams = head.content_type.starts_with("text/event-stream");
    let body = if streams { sse::body(parts) } else { whole(parts).await?.into() };
    Ok(response(&head, streams, body))
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
    if head.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    if let Some(seconds) = head.retry_after {
        headers.insert(RETRY_AFTER, seconds.into());
    }
    rate::admitted(headers, &head.rate_limits);
    response
}

/// A header of text that others chose: left out where it cannot be one.
fn text(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value)
        && !value.is_empty()
    {
        headers.insert(name, value);
    }
}
