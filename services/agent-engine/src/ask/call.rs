//! One call of a model: room for it, a line in the journal, the gateway, another line in the journal.

use super::{
    Question, Stop,
    budget::{Share, estimate},
    stream::Reader,
};
use crate::{
    journal::{self, CallRow, Ended},
    run::Run,
};
use bytes::Bytes;
use futures::StreamExt as _;
use proto::{
    Call, Failure, Reason, Role,
    gateway::{CompleteForExecutionRequest, CompleteRequest, CompleteResponse, Operation, complete_response::Part},
    id::RequestId,
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};
use tonic::codegen::BoxStream;

/// How often a call is repeated because of the provider; the gateway has tried others before.
const RETRIES: u32 = 1;
/// How often it waits for a limit that is free again soon.
const WAITS: u32 = 6;
/// The longest such pause.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// The most room that an answer gets, in times of what the plan gives it.
const WIDEST: u32 = 4;
/// Between two looks at a service that is away, or at a call that is under way.
const PAUSE: Duration = Duration::from_millis(500);

/// What a model wrote.
pub(super) struct Reply {
    pub text: String,
    /// It had more to say than it was allowed to.
    pub is_cut: bool,
}

/// Calls for one step, numbered.
pub(super) struct Caller<'a> {
    run: &'a Run,
    question: &'a Question<'a>,
    schema: &'a Value,
    attempt: i64,
    /// The model has refused schemas: it is told in words.
    is_plain: bool,
    /// How many times the room of the plan an answer may have.
    width: u32,
}

/// The call that is made.
struct Fitting {
    body: String,
    /// Tokens that are kept for it.
    reserved: i64,
    /// What it used is counted already.
    is_counted: bool,
}

const STOPPED: Outcome = Outcome::Stopped(Stop::Cancelled);

/// How a single call went.
enum Outcome {
    Reply(Reply),
    /// Nothing came of it: try again in so long, under another key.
    Again(Failure, Duration),
    /// The model does not take what is asked in this form.
    Refused(Failure),
    Stopped(Stop),
}

impl<'a> Caller<'a> {
    pub(super) const fn new(run: &'a Run, question: &'a Question<'a>, schema: &'a Value) -> Self {
        Self { run, question, schema, attempt: 0, is_plain: false, width: 1 }
    }

    /// The last answer was cut off: the next one gets more room, where the budget has it. Models that think use it up
    /// before they have written a word.
    pub(super) const fn widen(&mut self) {
        self.width = if self.width < WIDEST { self.width * 2 } else { WIDEST };
    }

    /// Asks, and asks again where that is of use.
    pub(super) async fn call(&mut self, messages: &[Value]) -> Result<Reply, Stop> {
        let (mut retries, mut waits) = (0, 0);
        loop {
            self.attempt += 1;
            match self.once(messages).await {
                Outcome::Reply(reply) => return Ok(reply),
                Outcome::Stopped(stop) => return Err(stop),
                Outcome::Refused(_) if !self.is_plain => self.is_plain = true,
                Outcome::Refused(failure) => return Err(Stop::Provider(failure)),
                Outcome::Again(failure, wait) => {
                    let is_limit = matches!(failure.reason, Reason::RateLimited | Reason::ConcurrencyLimited);
                    let (count, most) = if is_limit { (&mut waits, WAITS) } else { (&mut retries, RETRIES) };
                    *count += 1;
                    if *count > most {
                        return Err(Stop::Provider(failure));
                    }
                    self.run.pause(wait.min(LONGEST_WAIT)).await?;
                }
            }
        }
    }

    async fn once(&self, messages: &[Value]) -> Outcome {
        let key = (self.question.step.key.as_str(), self.attempt);
        let Fitting { body, reserved, is_counted } = match self.fitting(messages, key) {
            Ok(fitting) => fitting,
            Err(outcome) => return outcome,
        };
        if let Err(error) = journal::call_started(&self.run.inner, self.run.id, key, (&body, reserved)).await {
            return Outcome::Stopped(Stop::Journal(error));
        }
        let began = Instant::now();
        let outcome = self.within_bounds(body.into()).await;
        let ended = match &outcome {
            Ok(read) => Ended::Answered(used(read, messages)),
            // Nobody knows whether it was paid for: it keeps its room, and whoever goes on asks for it again.
            Err(Outcome::Stopped(Stop::Cancelled | Stop::Deadline)) => return outcome.err().unwrap_or(STOPPED),
            Err(Outcome::Refused(_)) => Ended::Refused,
            Err(_) => Ended::Failed,
        };
        if !is_counted {
            self.run.budget.settle(reserved, ended.total());
        }
        let (run, took) = (self.run, began.elapsed());
        if let Err(error) = journal::call_ended(&run.inner, (run.id, run.epoch), key, ended, took).await {
            return Outcome::Stopped(Stop::Journal(error));
        }
        match outcome {
            Ok(read) => {
                let is_cut = read.finish_reason.as_deref() == Some("length");
                Outcome::Reply(Reply { text: read.text, is_cut })
            }
            Err(outcome) => outcome,
        }
    }

    /// The call with as much room as it may have, or with that of the plan where the budget has no more.
    fn fitting(&self, messages: &[Value], key: (&str, i64)) -> Result<Fitting, Outcome> {
        let of = |width: u32| {
            let most = self.question.ask.max_output.saturating_mul(width);
            let body = self.body(messages, most);
            let tokens = estimate(body.len()) + i64::from(most);
            (body, tokens)
        };
        let (wide, narrow) = (of(self.width), of(1));
        match self.run.taken(key) {
            // A former worker has made it, and its answer is not lost: it has its room already, and is asked in its words.
            Some(call) if matches!(call.state.as_str(), "started" | "answered") => {
                let again = if call.reserved == wide.1 { wide.0 } else { narrow.0 };
                let body = call.body.clone().unwrap_or(again);
                Ok(Fitting { body, reserved: call.reserved, is_counted: call.state == "answered" })
            }
            // It failed then, and is not repeated under the same key.
            Some(call) => Err(before(call)),
            None => {
                let share = Share::of(self.question.ask);
                let found = [wide, narrow].into_iter().find(|(_, tokens)| self.run.budget.reserve(*tokens, share));
                let (body, reserved) = found.ok_or(Outcome::Stopped(Stop::Budget))?;
                Ok(Fitting { body, reserved, is_counted: false })
            }
        }
    }

    /// The call, until it is answered, the time is over, or the execution is to end.
    async fn within_bounds(&self, body: Bytes) -> Result<Reader, Outcome> {
        let left = self.run.time_left();
        let timer = left.min(self.run.inner.config.call_timeout());
        tokio::select! {
            biased;
            () = self.run.cancel.cancelled() => Err(Outcome::Stopped(Stop::Cancelled)),
            answer = timeout(timer, self.patiently(body)) => match answer {
                Ok(answer) => answer,
                Err(_) if self.run.time_left().is_zero() => Err(Outcome::Stopped(Stop::Deadline)),
                Err(_) => Err(Outcome::Again(Reason::UpstreamTimeout.with("the model took too long"), Duration::ZERO)),
            },
        }
    }

    /// The call; where the gateway is away, or the same call is under way because a former worker made it, a while later.
    async fn patiently(&self, body: Bytes) -> Result<Reader, Outcome> {
        let began = Instant::now();
        loop {
            let failure = match self.read(body.clone()).await {
                Ok(reader) => return Ok(reader),
                Err(Outcome::Again(failure, wait)) => (failure, wait),
                Err(other) => return Err(other),
            };
            match failure.0.reason {
                // Nothing has reached a provider.
                Reason::ServiceUnavailable | Reason::Overloaded => {}
                Reason::Conflict if began.elapsed() < self.run.inner.config.orphan_patience() => {}
                _ => return Err(Outcome::Again(failure.0, failure.1)),
            }
            sleep(PAUSE).await;
        }
    }

    async fn read(&self, body: Bytes) -> Result<Reader, Outcome> {
        let request = CompleteForExecutionRequest {
            budget_token: self.run.budget_token.clone(),
            request: Some(CompleteRequest {
                operation: Operation::ChatCompletions.into(),
                body,
                no_store: true,
                no_cache: true,
                ..CompleteRequest::default()
            }),
        };
        let id = RequestId::from_uuid(self.run.inner.ids.uuid());
        let call = Call { idempotency_key: Some(self.key().into()), ..Call::service(Role::AgentEngine, id) };
        let answered = self.run.inner.gateway.complete_for_execution(&call, request).await;
        match answered {
            Ok(stream) => read(stream).await,
            Err(status) => Err(failed(Failure::from(&status))),
        }
    }

    /// The same call is the same key, whoever makes it.
    fn key(&self) -> String {
        let run = self.run.id;
        let name = format!("{run}/{}/{}", self.question.step.key, self.attempt);
        hex::encode(&Sha256::digest(name)[..20])
    }

    fn body(&self, messages: &[Value], most: u32) -> String {
        let mut messages = messages.to_vec();
        if self.is_plain
            && let Some(text) = messages[0]["content"].as_str()
        {
            messages[0]["content"] = format!("{text}\n\nJSON schema: {}", self.schema).into();
        }
        let mut body = json!({
            "model": self.run.model,
            "messages": messages,
            "max_completion_tokens": most,
            "stream": true,
            "stream_options": {"include_usage": true},
        });
        if !self.is_plain {
            let name = self.question.step.kind.task();
            body["response_format"] =
                json!({"type": "json_schema", "json_schema": {"name": name, "strict": true, "schema": self.schema}});
        }
        body.to_string()
    }
}

async fn read(mut stream: BoxStream<CompleteResponse>) -> Result<Reader, Outcome> {
    let mut reader = Reader::default();
    let (mut status, mut refusal) = (200, vec![]);
    while let Some(part) = stream.next().await {
        let part = part.map_err(|status| failed(Failure::from(&status)))?;
        match part.part {
            Some(Part::Head(head)) => status = head.status,
            Some(Part::Data(data)) if status != 200 => refusal.extend_from_slice(&data),
            Some(Part::Data(data)) if !reader.push(&data) => return Err(again("the model's answer cannot be read")),
            Some(Part::Data(_)) | None => {}
        }
    }
    if status != 200 {
        let message = serde_json::from_slice::<Value>(&refusal).unwrap_or_default();
        let message = message["error"]["message"].as_str().unwrap_or("the provider refuses the request").to_owned();
        return Err(Outcome::Refused(Reason::UpstreamFailed.with(message)));
    }
    match reader.error.take() {
        Some((code, message)) => Err(broken_off(&code, message)),
        None if reader.finish_reason.is_none() => Err(again("the model's answer broke off")),
        None => Ok(reader),
    }
}

/// An answer that ended with an error: a budget that is spent is not tried again.
fn broken_off(code: &str, message: String) -> Outcome {
    let reason =
        if code.contains("budget") || code.contains("quota") { Reason::BudgetExceeded } else { Reason::UpstreamFailed };
    failed(reason.with(message))
}

fn again(message: &str) -> Outcome {
    Outcome::Again(Reason::UpstreamFailed.with(message), Duration::ZERO)
}

/// How a call went that a former worker has made.
fn before(call: &CallRow) -> Outcome {
    let failure = Reason::UpstreamFailed.with("it failed before");
    if call.state == "refused" { Outcome::Refused(failure) } else { Outcome::Again(failure, Duration::ZERO) }
}

/// Whether a failure is worth another call.
fn failed(failure: Failure) -> Outcome {
    let wait = failure.retry_after.unwrap_or_default();
    match failure.reason {
        Reason::UpstreamFailed
        | Reason::UpstreamOverloaded
        | Reason::UpstreamTimeout
        | Reason::DeadlineExceeded
        | Reason::ServiceUnavailable
        | Reason::Overloaded
        | Reason::RateLimited
        | Reason::ConcurrencyLimited
        | Reason::Conflict
        | Reason::IdempotencyMismatch => Outcome::Again(failure, wait),
        Reason::MalformedRequest | Reason::UnsupportedOperation => Outcome::Refused(failure),
        Reason::BudgetExceeded | Reason::QuotaExceeded => Outcome::Stopped(Stop::Budget),
        _ => Outcome::Stopped(Stop::Provider(failure)),
    }
}

/// What the provider says that it used; where it does not, our own count.
fn used(reader: &Reader, messages: &[Value]) -> (i64, i64) {
    reader.usage.unwrap_or_else(|| {
        let asked: usize = messages.iter().filter_map(|m| m["content"].as_str()).map(str::len).sum();
        (estimate(asked), estimate(reader.text.len()))
    })
}
