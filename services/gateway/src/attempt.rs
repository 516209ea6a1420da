//! One call of one provider: from the request to the first content of the answer.

use crate::{
    meter::Meter,
    plan::Candidate,
    provider::{
        Ask, Upstream,
        body::Body,
        fault::{Fault, Kind},
    },
    run::Run,
    stream::{
        hold::{Held, Patience, hold},
        reader::Reader,
    },
    wire::{answer, refusal},
};
use bytes::Bytes;
use fail::fail_point;
use tokio::time::Instant;

/// The longest refusal that is passed on.
const MAX_REFUSAL_BYTES: usize = 256 * 1024;
/// What a streamed answer is.
const EVENT_STREAM: &str = "text/event-stream";

/// An answer that the client can have.
pub(crate) enum Won {
    /// All of it.
    Whole(Bytes),
    /// Its beginning, and where the rest comes from.
    Stream(Box<Reader>, Held),
}

/// An attempt without an answer.
pub(crate) struct Lost {
    pub fault: Fault,
    /// What the client gets to read, where no other attempt follows and the fault speaks for itself.
    pub refusal: Option<Bytes>,
}

impl From<Fault> for Lost {
    fn from(fault: Fault) -> Self {
        Self { fault, refusal: None }
    }
}

/// Calls the provider, and judges the answer until it is worth showing. Everything before that can be tried elsewhere, if
/// somebody `goes_on` after such a fault.
pub(crate) async fn attempt(
    run: &Run,
    candidate: &Candidate,
    meter: &mut Meter,
    goes_on: impl Fn(&Fault) -> bool,
) -> Result<Won, Lost> {
    let timers = run.timers();
    let trace = host::telemetry::trace_context().or_else(|| run.ticket.trace.clone());
    let ask = Ask { body: &run.body, peek: &run.peek, model: &candidate.model, trace: trace.as_deref(), timers };
    meter.asked();
    let patience = Patience { content_by: Instant::now() + timers.first_content, floor: run.policy.floor };
    let upstream = run.wait(candidate.provider.dialect.chat(ask)).await?;
    meter.answers(upstream.status);
    // The provider has begun to work, and nothing of its answer has been read.
    fail_point!("gateway::attempt::answered");
    if let Some(fault) = Fault::of_status(upstream.status, upstream.retry_after) {
        // What another attempt follows, nobody reads: it does not wait for the body.
        let is_told = fault.speaks_for_itself() && !goes_on(&fault);
        return Err(if is_told { refused(run, candidate, fault, upstream.body).await } else { fault.into() });
    }
    let status = upstream.status;
    let won =
        if run.peek.stream { stream(run, upstream, meter, patience).await } else { whole(run, upstream, meter).await };
    won.map_err(|fault| run.concealed(fault).with_status(status).into())
}

async fn whole(run: &Run, upstream: Upstream, meter: &mut Meter) -> Result<Won, Fault> {
    if upstream.content_type.starts_with(EVENT_STREAM) {
        return Err(Fault::malformed("a stream, which was not asked for"));
    }
    let body = run.wait(upstream.body.collect(run.gateway().config.max_answer_bytes)).await?;
    let facts = answer::read(&upstream.content_type, &body)?;
    meter.content(facts.bytes);
    if let Some(usage) = facts.usage {
        meter.reported(usage);
    }
    Ok(Won::Whole(body))
}

async fn stream(run: &Run, upstream: Upstream, meter: &mut Meter, patience: Patience) -> Result<Won, Fault> {
    if !upstream.content_type.trim_start().to_ascii_lowercase().starts_with(EVENT_STREAM) {
        // An error in place of a stream often says what is wrong.
        let limit = run.gateway().config.max_answer_bytes;
        let body = run.wait(upstream.body.collect(limit)).await?;
        return Err(match answer::read(&upstream.content_type, &body) {
            Ok(_) => Fault::malformed("a whole answer, though a stream was asked for"),
            Err(fault) => fault,
        });
    }
    let mut reader = Box::new(Reader::new(upstream.body, run.peek.include_usage, upstream.spliced_usage));
    let held = run.wait(hold(&mut reader, meter, patience)).await?;
    Ok(Won::Stream(reader, held))
}

/// A status that speaks for itself: the client gets to read what the provider says. What a provider says about a
/// credential may show parts of it, and is replaced.
async fn refused(run: &Run, candidate: &Candidate, fault: Fault, body: Body) -> Lost {
    let refusal = if fault.kind == Kind::Credential {
        let text = format!(
            "the provider {:?} {fault}. Replace it with PUT /workspaces/{{id}}/providers/{}",
            candidate.provider.name, candidate.provider.id
        );
        refusal::object(fault.status, &text, "provider_credential_refused")
    } else {
        let mut body = run.wait(body.collect(MAX_REFUSAL_BYTES)).await.unwrap_or_default();
        if candidate.provider.tells_secret(&body) {
            body.clear();
        }
        refusal::openai_shaped(fault.status, body)
    };
    Lost { fault, refusal: Some(refusal) }
}
