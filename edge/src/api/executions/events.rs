//! What happens to an execution: as it happens, or what is there now.

use super::{
    find,
    stream::{self, Watched},
};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::{Json, bad_field},
    path::Target,
    query::Query,
    serve::Stopping,
};
use axum::{
    Extension,
    extract::State,
    response::{IntoResponse as _, Response},
};
use chrono::{DateTime, Utc};
use futures::StreamExt as _;
use http::{HeaderMap, HeaderName, StatusCode, header::ACCEPT};
use proto::{
    Call, Failure, Permission, Role,
    engine::{ExecutionEvent, WatchExecutionRequest},
    id::ExecutionId,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::time::Duration;
use utoipa::{IntoParams, ToSchema};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// The most events of one page.
const PAGE: usize = 500;
/// What has happened is there at once; after this nothing more is.
const QUIET: Duration = Duration::from_millis(300);

/// Which events, and how.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// Only events with a higher number. `Last-Event-ID` counts before it.
    after: Option<i64>,
    /// `json`: what is there now, as a page. Default: events as they happen; `Accept: application/json` asks for the page too.
    #[param(inline)]
    format: Option<Format>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Sse,
}

/// Something that happened.
#[derive(Serialize, ToSchema)]
#[schema(as = ExecutionEvent)]
pub(super) struct EventBody {
    /// From 1, without gaps.
    pub seq: i64,
    /// `execution.queued`, `execution.started`, `execution.progress`, `stage.started`, `agent.finished`, `conflict.detected`,
    /// `meeting.turn`, `decision.made`, `artifact.ready`, … The last one is `execution.completed`, `execution.failed` or
    /// `execution.cancelled`.
    pub r#type: String,
    at: Option<DateTime<Utc>>,
    /// What there is to say about it.
    #[schema(value_type = Object)]
    data: Box<RawValue>,
}

/// Events that are there.
#[derive(Serialize, ToSchema)]
pub(crate) struct EventPage {
    data: Vec<EventBody>,
    /// What to send as `after` for what happens next.
    next_after: i64,
}

/// Follow an execution.
///
/// As server-sent events: `id` is the number of the event, `event` its type, `data` the event as JSON. The stream ends after the
/// last event. A connection that breaks is taken up again with `Last-Event-ID`, as browsers do by themselves; where nothing comes
/// any more the answer is then 204, which ends that. Comments (`: keep-alive`) come every 15 s of silence. With `?format=json` the
/// answer is what is there now, at most 500 events, and does not wait; operators who act for somebody get nothing else, because a
/// stream would go on after they have ended.
#[utoipa::path(get, path = "/executions/{execution_id}/events", tag = "Executions",
    params(("execution_id" = String, Path, description = "`exec_…`"), Wish,
        ("Last-Event-ID" = Option<i64>, Header, description = "Only events with a higher number")),
    responses((status = 200, description = "The events", content((String = "text/event-stream"), (EventPage = "application/json"))),
        (status = 204, description = "It has ended, and there are no further events"),
        (status = 403, description = "An operator who acts for somebody asked for a stream")))]
pub(crate) async fn watch_execution(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    Query(wish): Query<Wish>,
) -> Result<Response> {
    let owned = find(&app, &call, id, Permission::ExecutionsRead).await?;
    let after = after(&wish, &headers)?;
    let is_page = wish.format == Some(Format::Json) || wish.format.is_none() && wants_json(&headers);
    // Nobody asks again whether the credential holds while a stream goes on.
    if call.impersonation.is_some() && !is_page {
        let why = "an operator who acts for somebody gets no stream: ask with ?format=json for what is there now";
        return Err(proto::impersonation::forbidden(why).into());
    }
    // Without the deadline of the request: it goes on for as long as the execution does.
    let engine = Call::service(Role::Edge, call.request_id);
    let request = WatchExecutionRequest { execution_id: id.to_string(), after };
    let mut events = app.services.engine.watch_execution(&engine, request).await?;
    if is_page {
        return page(events, after).await.map(|page| Json(page).into_response());
    }
    let mut first = None;
    if owned.closed_at.is_some() {
        first = events.next().await.transpose()?;
        if first.is_none() {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    let Extension(Stopping(stopping)) = stopping.unwrap_or_default();
    Ok(stream::response(Watched { events, first, stopping }))
}

/// What is there now. How much that is the engine does not say: it is over where nothing comes for a moment.
async fn page(mut events: tonic::codegen::BoxStream<ExecutionEvent>, after: i64) -> Result<EventPage> {
    let mut data = vec![];
    while data.len() < PAGE {
        let Ok(Some(event)) = tokio::time::timeout(QUIET, events.next()).await else { break };
        data.push(EventBody::from(event?));
    }
    let next_after = data.last().map_or(after, |event: &EventBody| event.seq);
    Ok(EventPage { data, next_after })
}

/// The number of the last event that the client has. Errors: `INVALID_ARGUMENT`.
fn after(wish: &Wish, headers: &HeaderMap) -> Result<i64, Failure> {
    // Who takes up a stream again sends the same address as at first.
    if let Some(last) = headers.get(LAST_EVENT_ID).filter(|value| !value.is_empty()) {
        let number = last.to_str().ok().and_then(|text| text.trim().parse().ok()).filter(|number: &i64| *number >= 0);
        return number.ok_or_else(|| bad_field("Last-Event-ID", "must be the number of an event"));
    }
    match wish.after.unwrap_or_default() {
        number @ 0.. => Ok(number),
        _ => Err(bad_field("after", "must be the number of an event, or 0")),
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accepted.contains("application/json") && !accepted.contains("text/event-stream")
}

impl From<ExecutionEvent> for EventBody {
    fn from(event: ExecutionEvent) -> Self {
        let ExecutionEvent { seq, r#type, at, data } = event;
        // An event of one line is one line: line breaks are no part of JSON's texts.
        let line: Vec<u8> = data.iter().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { *byte }).collect();
        let data = serde_json::from_slice(&line).unwrap_or_else(|_| RawValue::NULL.to_owned());
        Self { seq, r#type, at: at.and_then(proto::time::from_proto), data }
    }
}
