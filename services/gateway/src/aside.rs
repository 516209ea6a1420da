//! What the gateway asks models for itself, because of a request: the embedding of a text, a judgement, the same request for
//! another model. Each is a request of its own, with limits, attempts, ledger rows and a log entry like any other, whose
//! operation says what it was for and whose explanation names the request that it belongs to.

use crate::{complete, operation::Operation, ticket::Ticket};
use bytes::{Bytes, BytesMut};
use futures::{FutureExt as _, StreamExt as _, future::BoxFuture};
use proto::{
    Call, Reason, Scopes,
    gateway::{CompleteRequest, complete_response::Part},
    id::RequestId,
};
use std::{borrow::Cow, time::Duration};
use tokio::time::{Instant, timeout};
use tonic::Status;

/// The longest answer that is read.
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// For whom a request runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Client,
    /// The cache, which wants to know what a request means.
    Cache,
    /// A guardrail, which wants a text judged.
    Guardrail,
    /// The workspace, which wants to see how another model does.
    Shadow,
    /// An execution of the agent engine, on behalf of whoever began it.
    Execution,
}

impl Source {
    /// As logs and the ledger name what is asked.
    pub(crate) fn operation(self, operation: Operation) -> Cow<'static, str> {
        match self.name() {
            None => operation.name().into(),
            Some(source) => format!("{}.{source}", operation.name()).into(),
        }
    }

    /// None: its client asks.
    pub(crate) const fn name(self) -> Option<&'static str> {
        match self {
            Self::Client => None,
            Self::Cache => Some("cache"),
            Self::Guardrail => Some("guardrail"),
            Self::Shadow => Some("shadow"),
            Self::Execution => Some("execution"),
        }
    }

    /// The gateway asks for itself, because of a request that was looked at already. An execution is none: what applies to a
    /// client applies to it.
    pub(crate) const fn is_aside(self) -> bool {
        match self {
            Self::Client | Self::Execution => false,
            Self::Cache | Self::Guardrail | Self::Shadow => true,
        }
    }

    /// What the explanation of a request calls the id of what it belongs to.
    pub(crate) const fn belongs_to(self) -> &'static str {
        match self {
            Self::Execution => "execution_id",
            Self::Client | Self::Cache | Self::Guardrail | Self::Shadow => "request_id",
        }
    }
}

/// Asks on behalf of a request, and reads the answer to its end. Errors: those of any request; `UPSTREAM_FAILED` for a refusal,
/// `UPSTREAM_TIMEOUT` after `by`.
pub(crate) fn ask(
    ticket: &Ticket,
    source: Source,
    request: CompleteRequest,
    by: Duration,
) -> BoxFuture<'_, Result<Bytes, Status>> {
    async move {
        let call = Call {
            principal: ticket.caller,
            workspace: Some(ticket.workspace),
            scopes: Scopes::NONE,
            client: ticket.client,
            trace: ticket.trace.clone(),
            ..Call::anonymous(RequestId::from_uuid(ticket.gateway.ids.uuid()))
        };
        let call = call.until(Instant::now() + by);
        let asked = complete::run(&ticket.gateway, &call, request, source, Some(&ticket.subject.request_id));
        match timeout(by, read(asked.boxed())).await {
            Ok(answer) => answer,
            Err(_) => Err(Reason::UpstreamTimeout.with("it took too long").into()),
        }
    }
    .boxed()
}

/// All of an answer. Errors: it is a refusal, or breaks off.
async fn read(asked: BoxFuture<'_, Result<complete::Answered, Status>>) -> Result<Bytes, Status> {
    let mut parts = asked.await?;
    let mut all = BytesMut::new();
    while let Some(part) = parts.next().await.transpose()? {
        match part.part {
            Some(Part::Head(head)) if head.status != 200 => {
                return Err(Reason::UpstreamFailed
                    .with(format!("it answered with HTTP status {}", head.status))
                    .into());
            }
            Some(Part::Data(data)) if all.len() + data.len() <= MOST_BYTES => all.extend_from_slice(&data),
            Some(Part::Data(_)) => return Err(Reason::UpstreamFailed.with("its answer is too long").into()),
            _ => {}
        }
    }
    Ok(all.freeze())
}
