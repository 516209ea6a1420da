//! A provider's error in the shape of OpenAI's, with its real status and its own sentence.

use crate::{
    provider::{Body, Fault, FaultKind, Upstream},
    wire::answer::brief,
};
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use serde_json::{Value, json};
use std::time::Duration;

/// The longest refusal that is read.
const MAX_BYTES: usize = 256 * 1024;
/// How long a refusal that has to be read before it is judged may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a provider says went wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct Said {
    /// Where it is not the one of the answer.
    pub status: Option<u16>,
    pub message: String,
    /// The provider's own word for it; empty if it has none.
    pub code: String,
    pub retry_after: Option<Duration>,
}

/// Finds what an error body says. None: it is of another form.
pub(in crate::provider) type Find = fn(&Value) -> Option<Said>;

/// The refusal in `upstream`, translated once somebody reads it.
pub(in crate::provider) fn translated(upstream: Upstream, find: Find) -> Upstream {
    let status = upstream.status;
    let body = upstream.body;
    let work = async move { Ok(shaped(status, body.collect(MAX_BYTES).await?, find)) };
    let body = Body::translated(stream::once(work).boxed());
    Upstream { content_type: "application/json".to_owned(), body, ..upstream }
}

/// The same, for a provider whose status alone does not say what it means: the body is read before it is judged.
pub(in crate::provider) async fn read(upstream: Upstream, find: Find) -> Upstream {
    let Upstream { mut status, mut retry_after, body, dropped, .. } = upstream;
    let body = match tokio::time::timeout(PATIENCE, body.collect(MAX_BYTES)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) | Err(_) => Bytes::new(),
    };
    if let Some(said) = serde_json::from_slice(&body).ok().as_ref().and_then(find) {
        status = said.status.unwrap_or(status);
        retry_after = retry_after.or(said.retry_after);
    }
    let body = shaped(status, body, find);
    let body = Body::translated(stream::iter([Ok(body)]).boxed());
    let content_type = "application/json".to_owned();
    Upstream { status, content_type, retry_after, spliced_usage: false, dropped, body }
}

fn shaped(status: u16, body: Bytes, find: Find) -> Bytes {
    let Some(said) = serde_json::from_slice(&body).ok().as_ref().and_then(find) else { return body };
    let code = if said.code.is_empty() { Value::Null } else { said.code.into() };
    json!({"error": {"message": said.message, "type": kind(status), "param": null, "code": code}}).to_string().into()
}

/// OpenAI's `type` for a status.
const fn kind(status: u16) -> &'static str {
    match status {
        401 => "authentication_error",
        402 => "insufficient_quota",
        403 => "permission_error",
        429 => "requests",
        400..=499 => "invalid_request_error",
        _ => "server_error",
    }
}

/// The fault that an error within a stream, or in an answer with a good status, stands for.
pub(in crate::provider) fn fault(status: u16, message: &str) -> Fault {
    match Fault::of_status(status, None) {
        Some(fault) if fault.kind == FaultKind::Overloaded => Fault { may_have_worked: true, ..fault },
        _ => Fault { may_have_worked: true, ..Fault::new(FaultKind::Reported(brief(message))).with_status(status) },
    }
}
