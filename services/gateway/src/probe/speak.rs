//! A request told in a provider's words, and its answer told back in the client's.

use super::Line;
use crate::{
    config::Config,
    meter::Meter,
    operation::Operation,
    pivot::{Origin, Pivot},
    provider::{Ask, Provider, Surroundings, Upstream},
    stream::{
        judge::Judge,
        reader::{End, Reader},
    },
    wire::{answer, request},
};
use bytes::{Bytes, BytesMut};
use proto::{usage::Units, workspace::OpenProvider};
use std::{collections::HashMap, sync::Arc};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// The longest answer that is read whole.
const MOST: usize = 64 * 1024 * 1024;

/// In whose words a client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surface {
    /// OpenAI's chat completions.
    Chat,
    /// OpenAI's completions.
    Completions,
    /// OpenAI's responses.
    Responses,
    /// Anthropic's messages.
    Messages,
    /// Gemini's `generateContent`.
    Generate,
    /// Ollama's chat.
    Ollama,
}

/// One kind of provider, whose answers are given here.
pub struct Dialect {
    provider: Provider,
    line: Arc<Line>,
    /// For what has a deadline.
    runtime: Runtime,
}

/// What a client gets, as far as it comes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// What is sent to the provider.
    pub sent: Bytes,
    /// What the client reads.
    pub told: Bytes,
    /// Why there is no more, where that is no good end.
    pub fault: Option<String>,
}

impl Surface {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Chat, Self::Completions, Self::Responses, Self::Messages, Self::Generate, Self::Ollama];

    pub(super) const fn operation(self) -> Operation {
        match self {
            Self::Chat => Operation::Chat,
            Self::Completions => Operation::Completions,
            Self::Responses => Operation::Responses,
            Self::Messages => Operation::Messages,
            Self::Generate => Operation::Generate,
            Self::Ollama => Operation::Ollama,
        }
    }

    /// What it becomes before a provider without it is asked; nothing for chat completions. Errors: it is refused.
    pub(super) fn pivot(self, body: &Bytes) -> Result<Option<Pivot>, String> {
        if self == Self::Chat {
            return Ok(None);
        }
        let operation = self.operation();
        let peek = match self {
            Self::Generate | Self::Ollama => crate::pivot::peek(operation, body),
            _ => request::peek(operation, body),
        };
        let origin = Origin { id: Uuid::nil(), created: 7, stored: false, previous: None };
        let pivot = peek.and_then(|peek| Pivot::of(operation, body, &peek, origin));
        pivot.map(Some).map_err(|error| proto::Failure::from(error).to_string())
    }
}

impl Dialect {
    /// A provider of this kind. Panics: there is no such kind.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        let (clock, _) = host::Clock::manual(chrono::DateTime::UNIX_EPOCH);
        let guard = egress::Guard::new(&egress::Config::default(), false, vec![]);
        let client = egress::Client::new(guard, egress::Purpose::Provider);
        let mut surroundings = Surroundings::new(client, clock.clone(), host::Ids::new(clock));
        let line = Arc::<Line>::default();
        surroundings.line = Some(line.clone());
        let settings = OpenProvider {
            id: "prov_1".to_owned(),
            provider: kind.to_owned(),
            name: kind.to_owned(),
            base_url: "https://provider.example.com/v1".to_owned(),
            ..OpenProvider::default()
        };
        let provider = Provider::open(settings, &surroundings).expect("a kind of provider that there is");
        let runtime = Builder::new_current_thread().enable_time().build().expect("a runtime without threads");
        Self { provider, line, runtime }
    }

    /// The kind of provider that it is.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.provider.kind
    }

    /// From now on it answers this, in these pieces.
    pub fn say(&self, status: u16, content_type: &str, pieces: Vec<Bytes>) {
        self.line.say(status, content_type, pieces);
    }

    /// Asks it, and reads the answer as the request path does. Errors: the request is refused before anybody is asked.
    pub fn ask(&self, surface: Surface, body: &Bytes) -> Result<Answer, String> {
        let pivot = surface.pivot(body)?;
        let peeked = request::peek(Operation::Chat, body);
        let (body, peek) = match &pivot {
            Some(pivot) => (&pivot.body, pivot.peek.clone()),
            None => (body, peeked.map_err(|error| proto::Failure::from(error).to_string())?),
        };
        let timers = Config::default().timers();
        let ask =
            Ask { body, content_type: "", headers: &HashMap::new(), peek: &peek, model: "m", trace: None, timers };
        let upstream = self.runtime.block_on(self.provider.dialect.chat(ask));
        let mut answer = Answer { sent: self.line.heard(), ..Answer::default() };
        match upstream {
            Err(fault) => answer.fault = Some(fault.to_string()),
            Ok(upstream) if peek.stream && upstream.content_type.starts_with("text/event-stream") => {
                let judge = Judge::of(Operation::Chat, &peek, upstream.spliced_usage);
                let reader = Reader::new(upstream.body, judge, pivot.as_ref().map(Pivot::teller));
                self.runtime.block_on(stream(&mut answer, reader));
            }
            Ok(upstream) => self.runtime.block_on(whole(&mut answer, upstream, pivot.as_ref())),
        }
        Ok(answer)
    }
}

async fn stream(answer: &mut Answer, mut reader: Reader) {
    let (mut meter, mut told) = (Meter::new(1, Units::default()), BytesMut::new());
    answer.fault = loop {
        let piece = reader.next(&mut meter).await;
        told.extend_from_slice(&piece.bytes);
        match piece.end {
            None => {}
            Some(End::Fault(fault)) => break Some(fault.to_string()),
            Some(_) => break None,
        }
    };
    answer.told = told.freeze();
}

async fn whole(answer: &mut Answer, upstream: Upstream, pivot: Option<&Pivot>) {
    let (status, content_type) = (upstream.status, upstream.content_type);
    let read = upstream.body.collect(MOST).await.and_then(|body| {
        if status != 200 {
            return Ok(body);
        }
        let facts = answer::read(Operation::Chat, &content_type, &body)?;
        match pivot {
            Some(pivot) => pivot.tell(&body, &facts.usage.unwrap_or_default()),
            None => Ok(body),
        }
    });
    match read {
        Ok(told) => answer.told = told,
        Err(fault) => answer.fault = Some(fault.to_string()),
    }
}
