//! How is an operation asked as a chat completion, and the answer told in the operation's own words?
//!
//! For providers that do not have the operation: a chat completion is what every dialect takes and answers.

mod chunk;
mod completions;
mod generate;
mod messages;
mod ollama;
mod responses;

use crate::{
    Error,
    operation::Operation,
    provider::fault::Fault,
    wire::request::{self, Peek},
};
use bytes::Bytes;
use proto::usage::Tokens;
use serde_json::Value;
use uuid::Uuid;

/// A request in the words of a chat completion.
pub(crate) struct Pivot {
    pub body: Bytes,
    pub peek: Peek,
    /// Fields that a chat completion has no words for, and that are not needed for an answer.
    pub dropped: Vec<String>,
    tell: Tell,
}

/// What is remembered of the request to tell the answer.
enum Tell {
    /// Our estimate of the input, in tokens.
    Messages {
        input_estimate: i64,
    },
    Responses(responses::answer::Face),
    Completions(completions::Face),
    Generate,
    Ollama {
        created: i64,
    },
}

/// What the gateway says of an answer by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin<'a> {
    /// Of the request.
    pub id: Uuid,
    /// Unix seconds.
    pub created: i64,
    /// The response is kept.
    pub stored: bool,
    /// What the response continues.
    pub previous: Option<&'a str>,
}

/// Tells a stream of chunks in another operation's events.
pub(crate) trait Teller: Send {
    /// One chunk. Adds events to `out`. Errors: it is none.
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault>;
    /// The end mark came, and this much was used.
    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>);
    /// The number of the event that was written last, where they are numbered.
    fn last_number(&self) -> Option<i64> {
        None
    }
}

/// Whether a provider without `operation` can be asked for a chat completion in its place.
pub(crate) const fn is_possible(operation: Operation) -> bool {
    matches!(operation, Operation::Messages | Operation::Responses | Operation::Completions) || is_needed(operation)
}

/// Whether no provider is asked in any other way.
pub(crate) const fn is_needed(operation: Operation) -> bool {
    matches!(operation, Operation::Generate | Operation::Ollama)
}

/// What is known of a request that every provider gets as a chat completion: what is known of that. Errors: the field that it
/// has no words for.
pub(crate) fn peek(operation: Operation, body: &[u8]) -> Result<Peek, Error> {
    let request: Value = serde_json::from_slice(body).map_err(Error::malformed)?;
    let chat = match operation {
        Operation::Generate => generate::request::chat(&request, &mut vec![])?,
        _ => ollama::request::chat(&request, &mut vec![])?,
    };
    request::peek(Operation::Chat, chat.to_string().as_bytes())
}

impl Pivot {
    /// Translates a request that was peeked at. Errors: the field that a chat completion has no words for.
    pub(crate) fn of(operation: Operation, body: &Bytes, peek: &Peek, origin: Origin<'_>) -> Result<Self, Error> {
        let request: Value = serde_json::from_slice(body).map_err(Error::malformed)?;
        let mut dropped = Vec::new();
        let created = origin.created;
        let (chat, tell) = match operation {
            Operation::Messages => {
                let tell = Tell::Messages { input_estimate: peek.input_estimate };
                (messages::request::chat(&request, &mut dropped)?, tell)
            }
            Operation::Responses => {
                let face = responses::answer::Face::of(&request, origin);
                (responses::request::chat(&request, &mut dropped)?, Tell::Responses(face))
            }
            Operation::Completions => {
                let (include_usage, model) = (peek.include_usage, peek.model.clone());
                let face = completions::Face { include_usage, created, model };
                (completions::chat(&request, &mut dropped)?, Tell::Completions(face))
            }
            Operation::Generate => (generate::request::chat(&request, &mut dropped)?, Tell::Generate),
            Operation::Ollama => (ollama::request::chat(&request, &mut dropped)?, Tell::Ollama { created }),
            _ => return Err(Error::Operation),
        };
        let body = Bytes::from(chat.to_string());
        let chat = request::peek(Operation::Chat, &body)?;
        Ok(Self { body, peek: chat, dropped, tell })
    }

    /// A whole chat completion in the words of the operation. Errors: it is none.
    pub(crate) fn tell(&self, answer: &[u8], used: &Tokens) -> Result<Bytes, Fault> {
        let answer: Value = serde_json::from_slice(answer).map_err(|_| Fault::malformed("it is not valid JSON"))?;
        let told = match &self.tell {
            Tell::Messages { .. } => messages::answer::message(&answer, used),
            Tell::Responses(face) => responses::answer::response(face, &answer, used),
            Tell::Completions(face) => completions::completion(face, &answer, used),
            Tell::Generate => generate::answer::response(&answer, used),
            Tell::Ollama { created } => ollama::answer::answer(&answer, used, *created),
        };
        Ok(told.to_string().into())
    }

    /// The same for a stream.
    pub(crate) fn teller(&self) -> Box<dyn Teller> {
        match &self.tell {
            Tell::Messages { input_estimate } => Box::new(messages::events::Events::new(*input_estimate)),
            Tell::Responses(face) => Box::new(responses::events::Events::new(face.clone())),
            Tell::Completions(face) => Box::new(completions::Events::new(face.clone())),
            Tell::Generate => Box::new(generate::events::Events::default()),
            Tell::Ollama { created } => Box::new(ollama::answer::Events::new(*created)),
        }
    }
}

/// Names what is lost, once.
fn lose(what: impl Into<String>, dropped: &mut Vec<String>) {
    let what = what.into();
    if !dropped.contains(&what) {
        dropped.push(what);
    }
}

/// The same for what is in a field of the request beside these: `<field>.<name>`.
fn lose_others(value: &Value, field: &str, known: &[&str], dropped: &mut Vec<String>) {
    others(value, &[known]).into_iter().for_each(|name| lose(format!("{field}.{name}"), dropped));
}

/// The fields of a request that are in none of these lists, as far as they say something.
fn others(request: &Value, known: &[&[&str]]) -> Vec<String> {
    let is_known = |name: &String| known.iter().any(|names| names.contains(&name.as_str()));
    let said = request.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    said.map(|(name, _)| name).filter(|name| !is_known(name)).cloned().collect()
}
