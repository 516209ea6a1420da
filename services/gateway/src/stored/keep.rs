//! What of an answer is kept, and when: before the client sees its end, so that who has read it can come back to it.

use super::{Content, items, own_call};
use crate::{
    operation::Operation,
    run::Run,
    wire::sse::{Event, Splitter},
};
use bytes::Bytes;
use prost::Message as _;
use proto::workspace::{KeepResponseRequest, KeptResponse};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};
use std::borrow::Cow;

/// The longest request, the longest answer, and the longest events of one, that are kept, in bytes. All of them fit into one
/// message.
pub(crate) const MOST_BYTES: usize = 8 * 1024 * 1024;

/// How the answer to a request is kept.
#[derive(Debug)]
pub(crate) struct Keep {
    /// The request.
    pub body: Bytes,
    /// What it continues; empty for nothing.
    pub previous: String,
    pub days: i32,
}

/// The last event of a stream of responses.
#[derive(Deserialize)]
struct Ended<'a> {
    r#type: Cow<'a, str>,
    #[serde(borrow)]
    response: &'a RawValue,
}

/// What a response says of itself.
#[derive(Deserialize)]
struct Response<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Request {
    input: Option<Value>,
}

/// Keeps a whole answer, if the request of `run` wants that.
pub(crate) async fn whole(run: &Run, answer: &[u8]) {
    if let Some(keep) = run.keeps() {
        kept(run, keep, answer, None).await;
    }
}

/// The same for a stream, of which these are the last bytes, and all of it; none, if that is too long.
pub(crate) async fn streamed(run: &Run, last: &Bytes, events: Option<Bytes>) {
    let Some(keep) = run.keeps() else { return };
    if let Some(response) = last_response(last) {
        kept(run, keep, &response, Some(events.unwrap_or_default())).await;
    }
}

/// Keeps it. It is not worth failing for: the client has its answer.
async fn kept(run: &Run, keep: &Keep, response: &[u8], events: Option<Bytes>) {
    let Some(request) = message(run, keep, response, events) else { return };
    let gateway = run.gateway().clone();
    let call = own_call(run.ticket.workspace, run.ticket.request);
    // A client that leaves now has seen the answer, and may come back to it.
    let keeping = run.gateway().tasks.tracker().spawn(async move {
        if let Err(status) = gateway.workspaces.keep_response(&call, request).await {
            gateway.metrics.response_lost();
            tracing::warn!(error = status.message(), "a response was not kept");
        }
    });
    drop(keeping.await);
}

/// What is kept of a response. None for one that is too long, that has no name, or that is not at its end.
fn message(run: &Run, keep: &Keep, response: &[u8], events: Option<Bytes>) -> Option<KeepResponseRequest> {
    let said: Response<'_> = serde_json::from_slice(response).ok()?;
    let id = said.id.filter(|id| !id.is_empty())?;
    let is_over = said.status.is_none_or(|status| matches!(status.as_ref(), "completed" | "incomplete"));
    if !is_over || response.len() > MOST_BYTES {
        tracing::warn!(bytes = response.len(), "a response is not kept: it is too long, or not at its end");
        run.gateway().metrics.response_lost();
        return None;
    }
    let request: Request = serde_json::from_slice(&keep.body).ok()?;
    // Items of the answer have ids that are made of the request's too.
    let origin = format!("{}_in", run.ticket.request.uuid().simple());
    let input = Value::from(items::shown(items::of(request.input), &origin)).to_string();
    let candidate = run.current().0;
    let content = Content {
        input: input.into(),
        response: Bytes::copy_from_slice(response),
        is_native: candidate.provider.dialect.takes(Operation::Responses, &candidate.model),
        is_streamed: events.is_some(),
        events: events.unwrap_or_default(),
    };
    let response = KeptResponse {
        response_id: id.into_owned(),
        previous_response_id: keep.previous.clone(),
        provider_id: candidate.provider.id.clone(),
        content: content.encode_to_vec().into(),
    };
    Some(KeepResponseRequest {
        workspace_id: run.ticket.workspace.to_string(),
        response: Some(response),
        days: keep.days,
    })
}

/// The response in the event that ends a stream well.
fn last_response(bytes: &Bytes) -> Option<Vec<u8>> {
    let mut splitter = Splitter::default();
    splitter.push(bytes.clone()).ok()?;
    let mut last = None;
    while let Some(at) = splitter.next_event() {
        last = Some(at);
    }
    let event = Event::parse(splitter.get(&last?));
    let data = event.data?;
    let ended: Ended<'_> = serde_json::from_slice(&data).ok()?;
    let is_good = matches!(ended.r#type.as_ref(), "response.completed" | "response.incomplete");
    is_good.then(|| ended.response.get().as_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_is_in_the_last_event_and_in_no_other() {
        let stream = |last: &str| {
            let text = format!(
                "event: x\ndata: {{\"type\":\"response.output_text.delta\",\"delta\":\"x\"}}\n\nevent: y\r\ndata: {last}\r\n\r\n"
            );
            last_response(&Bytes::from(text)).map(|bytes| String::from_utf8(bytes).expect("text"))
        };
        let good = "{\"type\":\"response.completed\",\"response\":{ \"id\":\"resp_1\"}}";
        assert_eq!(stream(good).as_deref(), Some("{ \"id\":\"resp_1\"}"));
        assert_eq!(stream("{\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\"}}"), None);
        assert_eq!(stream("{\"type\":\"error\"}"), None);
        assert_eq!(last_response(&Bytes::new()), None);
    }
}
