//! One call of one provider: from the request to the first content of the answer.

use crate::{
    meter::Meter,
    operation::Operation,
    pivot::Pivot,
    plan::Candidate,
    provider::{
        Ask, Upstream,
        body::Body,
        fault::{Fault, Kind},
    },
    run::{Asked, Run},
    stream::{
        hold::{Held, Patience, hold},
        judge::Judge,
        reader::Reader,
    },
    wire::{answer, refusal},
};
use bytes::Bytes;
use fail::fail_point;
use tokio::time::Instant;

/// What a whole answer is, but for sound and plain text.
const JSON: &str = "application/json";
/// The longest refusal that is passed on.
const MAX_REFUSAL_BYTES: usize = 256 * 1024;
/// What a streamed answer is.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// An answer that the client can have.
pub(crate) enum Won {
    /// All of it, with its media type.
    Whole(String, Bytes),
    /// Its beginning, and where the rest comes from; with its media type.
    Stream(String, Box<Reader>, Held),
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
    let Asked { operation, body, content_type, headers: said, peek, pivot, stored, .. } = &run.asked;
    let (mut body, mut peek) = (body, peek);
    if let Some(stored) = stored {
        (body, peek) = stored.told_to(&candidate.provider.id, body, peek);
        run.without(&stored.lost_with(&candidate.provider.id));
    }
    let takes = candidate.provider.dialect.takes(*operation, &candidate.model);
    let pivot = pivot.as_ref().filter(|_| !takes);
    run.without(pivot.map_or(&[], |pivot| &pivot.dropped));
    let ask = Ask {
        body: pivot.map_or(body, |pivot| &pivot.body),
        content_type: if pivot.is_some() { "" } else { content_type },
        headers: said,
        peek: pivot.map_or(peek, |pivot| &pivot.peek),
        model: &candidate.model,
        trace: trace.as_deref(),
        timers,
    };
    meter.asked();
    // What sound has is no tokens.
    let floor = run.policy.floor.filter(|_| !operation.is_sound());
    let patience = Patience { content_by: Instant::now() + timers.first_content, floor };
    let spoken = if pivot.is_some() { Operation::Chat } else { *operation };
    let mut upstream = run.wait(candidate.provider.dialect.call(spoken, ask)).await?;
    meter.answers(upstream.status);
    run.without(&std::mem::take(&mut upstream.dropped));
    meter.dropped = run.lost();
    // The provider has begun to work, and nothing of its answer has been read.
    fail_point!("gateway::attempt::answered");
    if let Some(mut fault) = Fault::of_status(upstream.status, upstream.retry_after) {
        if candidate.provider.is_platform() {
            fault = fault.of_platform();
        }
        // What another attempt follows, nobody reads: it does not wait for the body.
        let is_told = fault.speaks_for_itself() && !goes_on(&fault);
        return Err(if is_told { refused(run, candidate, fault, upstream.body).await } else { fault.into() });
    }
    let status = upstream.status;
    let streams = peek.stream || operation.is_sound();
    let won = match streams {
        true => stream(run, pivot, upstream, meter, patience).await,
        false => whole(run, pivot, upstream, meter).await,
    };
    won.map_err(|fault| run.concealed(fault).with_status(status).into())
}

async fn whole(run: &Run, pivot: Option<&Pivot>, upstream: Upstream, meter: &mut Meter) -> Result<Won, Fault> {
    if upstream.content_type.starts_with(EVENT_STREAM) {
        return Err(Fault::malformed("a stream, which was not asked for"));
    }
    let body = run.wait(upstream.body.collect(run.gateway().config.max_answer_bytes)).await?;
    let spoken = if pivot.is_some() { Operation::Chat } else { run.asked.operation };
    let facts = answer::read(spoken, &upstream.content_type, &body)?;
    meter.says(&body);
    meter.content(facts.bytes);
    if let Some(usage) = facts.usage {
        meter.reported(usage);
    }
    if let Some(units) = facts.units {
        meter.told(units);
    }
    if let Some(pivot) = pivot {
        return Ok(Won::Whole(JSON.to_owned(), pivot.tell(&body, &meter.tokens().0)?));
    }
    let content_type = if answer::is_json(&upstream.content_type) { JSON.to_owned() } else { upstream.content_type };
    Ok(Won::Whole(content_type, body))
}

async fn stream(
    run: &Run,
    pivot: Option<&Pivot>,
    upstream: Upstream,
    meter: &mut Meter,
    patience: Patience,
) -> Result<Won, Fault> {
    let is_events = upstream.content_type.trim_start().to_ascii_lowercase().starts_with(EVENT_STREAM);
    let is_sound = !run.asked.peek.stream && is_sound(&upstream.content_type);
    if !is_events && !is_sound {
        // An error in place of a stream often says what is wrong.
        let limit = run.gateway().config.max_answer_bytes;
        let body = run.wait(upstream.body.collect(limit)).await?;
        return Err(match answer::read(Operation::Chat, &upstream.content_type, &body) {
            Ok(_) => Fault::malformed("a whole answer, though a stream was asked for"),
            Err(fault) => fault,
        });
    }
    let (spoken, peek) = match pivot {
        Some(pivot) => (Operation::Chat, &pivot.peek),
        None => (run.asked.operation, &run.asked.peek),
    };
    let judge = Judge::of(spoken, peek, upstream.spliced_usage);
    let mut reader = Box::new(Reader::new(upstream.body, judge, pivot.map(Pivot::teller)));
    let held = run.wait(hold(&mut reader, meter, patience)).await?;
    let content_type = if is_sound { upstream.content_type } else { EVENT_STREAM.to_owned() };
    Ok(Won::Stream(content_type, reader, held))
}

/// Whether an answer of this type can be sound. Some servers do not say what it is.
fn is_sound(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("audio/") || essence == "application/octet-stream"
}

/// A status that speaks for itself: the client gets to read what the provider says. What a provider says about a
/// credential may show parts of it, and is replaced.
async fn refused(run: &Run, candidate: &Candidate, fault: Fault, body: Body) -> Lost {
    let refusal = if fault.kind == Kind::Credential {
        let text = format!(
            "the provider {:?} {fault}. Replace it with PUT /workspaces/{{id}}/providers/{}",
            candidate.provider.name, candidate.provider.id
        );
        refusal::object(run.asked.operation, fault.status, &text, "provider_credential_refused")
    } else if candidate.provider.is_platform() && fault.kind == Kind::Overloaded {
        // What a provider says of its limits names the account, which is not the workspace's.
        let text = format!("the provider {:?} {fault}", candidate.provider.name);
        refusal::object(run.asked.operation, fault.status, &text, fault.reason().openai_code())
    } else {
        let mut body = run.wait(body.collect(MAX_REFUSAL_BYTES)).await.unwrap_or_default();
        if candidate.provider.tells_secret(&body) {
            body.clear();
        }
        refusal::shaped(run.asked.operation, fault.status, body)
    };
    Lost { fault, refusal: Some(refusal) }
}
