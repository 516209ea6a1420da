//! OpenAI's responses that their clients come back to: with `GET /v1/responses/{id}`, or with the next turn in
//! `previous_response_id`.
//!
//! The workspace service keeps them, sealed; what is in them, and how a conversation goes on in front of another provider, is
//! known here.

mod conversation;
mod events;
mod items;
pub(crate) mod keep;
pub(crate) mod read;
mod wish;

pub(crate) use conversation::Continued;

use crate::{Error, service::Inner, wire::request::Peek};
use bytes::Bytes;
use keep::Keep;
use proto::{
    Call, Reason, Role,
    id::{RequestId, WorkspaceId},
    workspace::{KeptResponse, OpenResponseRequest},
};
use std::time::Duration;
use tokio::time::Instant;
use tonic::Status;

/// How long the workspace service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was asked and answered, as it is kept.
#[derive(Clone, PartialEq, Eq, prost::Message)]
struct Content {
    /// An array of items, each with an id; JSON.
    #[prost(bytes = "bytes", tag = "1")]
    input: Bytes,
    /// The response object; JSON.
    #[prost(bytes = "bytes", tag = "2")]
    response: Bytes,
    /// The provider has responses of its own, and knows this one by its id.
    #[prost(bool, tag = "3")]
    is_native: bool,
    /// The events with which it was answered; empty if it was answered whole, or with more than are kept.
    #[prost(bytes = "bytes", tag = "4")]
    events: Bytes,
    /// It was answered with events.
    #[prost(bool, tag = "5")]
    is_streamed: bool,
}

/// What a request for a response wants beside its answer.
#[derive(Debug, Default)]
pub(crate) struct Stored {
    /// Its answer is kept.
    pub keep: Option<Keep>,
    /// It goes on with what was said before.
    pub continued: Option<Continued>,
    /// What it continues.
    pub previous: Option<String>,
    /// It asks to be kept, and is not: the workspace keeps none, or it is too long.
    pub is_refused: bool,
}

/// Reads what a request for a response wants, and what it continues. Errors: what is not offered, by its field;
/// `PREVIOUS_RESPONSE_NOT_FOUND`; those of the workspace service.
pub(crate) async fn wanted(
    gateway: &Inner,
    call: &Call,
    workspace: WorkspaceId,
    body: &Bytes,
    days: i32,
) -> Result<Stored, Error> {
    let wish = wish::read(body)?;
    let continued = match &wish.previous {
        Some(id) => {
            let kept = open(gateway, workspace, call.request_id, id, true).await;
            Some(Continued::new(body, &kept.map_err(|status| not_found(status, id))?)?)
        }
        None => None,
    };
    let is_kept = wish.store && days > 0 && body.len() <= keep::MOST_BYTES;
    let previous = wish.previous.clone();
    Ok(Stored {
        is_refused: wish.is_explicit && wish.store && !is_kept,
        keep: is_kept.then(|| Keep { body: body.clone(), previous: wish.previous.unwrap_or_default(), days }),
        continued,
        previous,
    })
}

impl Stored {
    /// What this provider gets: the request as it came or, of a conversation that it does not know, all of it.
    pub(crate) fn told_to<'a>(&'a self, provider: &str, body: &'a Bytes, peek: &'a Peek) -> (&'a Bytes, &'a Peek) {
        match self.continued.as_ref().filter(|continued| !continued.is_known_to(provider)) {
            Some(continued) => (&continued.body, &continued.peek),
            None => (body, peek),
        }
    }

    /// What is lost with this provider, by field.
    pub(crate) fn lost_with(&self, provider: &str) -> Vec<String> {
        let unknown = self.continued.as_ref().filter(|continued| !continued.is_known_to(provider));
        let mut lost = unknown.map(|continued| continued.lost.clone()).unwrap_or_default();
        lost.extend(self.is_refused.then(|| "store".to_owned()));
        lost
    }
}

/// A kept response, the last of the answer, and on request all that it continues.
async fn open(
    gateway: &Inner,
    workspace: WorkspaceId,
    request: RequestId,
    response_id: &str,
    with_previous: bool,
) -> Result<Vec<KeptResponse>, Status> {
    let ask =
        OpenResponseRequest { workspace_id: workspace.to_string(), response_id: response_id.to_owned(), with_previous };
    Ok(gateway.workspaces.open_response(&own_call(workspace, request), ask).await?.responses)
}

/// The call with which the gateway speaks for itself.
fn own_call(workspace: WorkspaceId, request: RequestId) -> Call {
    Call { workspace: Some(workspace), ..Call::service(Role::Gateway, request) }.until(Instant::now() + PATIENCE)
}

/// The workspace service's words in OpenAI's, where what is to be continued is not there.
fn not_found(status: Status, asked: &str) -> Error {
    match Reason::of(&status) {
        Reason::NotFound => {
            let missing = proto::Failure::from(&status).get("response_id").unwrap_or(asked).to_owned();
            Error::PreviousNotFound { asked: asked.to_owned(), missing }
        }
        _ => status.into(),
    }
}
