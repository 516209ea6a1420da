//! A provider inside of this process: no key, no network, no cost. The same request always gets the same text, and
//! its models fail in each way in which providers fail, so that people can test their own clients.

mod business;
mod embed;
mod model;
mod other;
mod pieces;
mod play;
mod render;
mod reply;
mod request;
mod schema;
mod sound;

use super::{
    Ask, Body, Dialect, Fault, FaultKind, Kind, Listed, Listing, Opened, Payer, Provider, Surroundings, Upstream, http,
};
use crate::{config::Timers, operation::Operation, wire::refusal};
use futures::{StreamExt as _, stream};
use model::Model;
pub(crate) use model::{knows, names as model_names};
#[cfg(test)]
pub(crate) fn embedding(text: &str) -> Vec<f32> {
    embed::embedding(text, embed::DIMENSIONS)
}
use proto::workspace::OpenProvider;
use request::{Options, Request};
use std::time::Duration;
use tokio::time::Instant;

/// The kind, and the name of the one that every workspace has.
pub(crate) const NAME: &str = "simulator";

/// A simulator with its own defaults.
pub(super) fn open(_: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let defaults = http::options(settings)?;
    Ok(Box::new(Simulator { clock: surroundings.clock.clone(), defaults }))
}

/// What an overloaded simulator asks for.
const RETRY_AFTER: Duration = Duration::from_secs(1);
const JSON: &str = "application/json";

struct Simulator {
    clock: host::Clock,
    /// For requests that do not say otherwise: the provider's `options`.
    defaults: Options,
}

/// The simulator that every workspace has where it is switched on.
pub(crate) fn built_in(surroundings: &Surroundings) -> Provider {
    Provider {
        id: String::new(),
        scope: String::new(),
        payer: Payer::Workspace,
        kind: NAME,
        name: NAME.to_owned(),
        free: true,
        priority: 0,
        weight: 1,
        models: vec![],
        takes_any_model: false,
        dialect: Box::new(Simulator { clock: surroundings.clock.clone(), defaults: Options::default() }),
        secret: None,
        listed: Listing::default(),
    }
}

impl Simulator {
    /// The same of an operation that is no chat.
    fn other(&self, operation: Operation, ask: &Ask<'_>) -> Result<(Options, &'static str, Vec<bytes::Bytes>), String> {
        let (content_type, parts) = other::answer(operation, ask, self.clock.now().timestamp())?;
        Ok((request::options_of(ask.body, &self.defaults)?, content_type, parts))
    }

    /// The body of a good answer, cut into what a network would deliver, and its type.
    fn answer(&self, ask: &Ask<'_>, request: &Request) -> (&'static str, Vec<bytes::Bytes>) {
        let reply = reply::reply(request);
        let face = render::Face { created: self.clock.now().timestamp(), model: ask.model, request };
        if ask.peek.stream {
            ("text/event-stream", render::events(&face, &reply, ask.peek.include_usage))
        } else {
            (JSON, vec![render::whole(&face, &reply)])
        }
    }
}

#[tonic::async_trait]
impl Dialect for Simulator {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        self.call(Operation::Chat, ask).await
    }

    fn takes(&self, operation: Operation, _: &str) -> bool {
        other::takes(operation)
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let began = Instant::now();
        let answer = match operation {
            Operation::Chat => Request::read(ask.body, &self.defaults).map(|request| {
                let (content_type, parts) = self.answer(&ask, &request);
                (request.options, content_type, parts)
            }),
            other => self.other(other, &ask),
        };
        let (options, content_type, parts) = match answer {
            Ok(answer) => answer,
            Err(problem) => {
                return Ok(upstream(
                    400,
                    JSON,
                    refusal::object(Operation::Chat, 400, &problem, "invalid_value"),
                    &ask,
                    began,
                ));
            }
        };
        let model = Model::of(ask.model);
        head_delay(model, &options, ask.timers).await?;
        match model {
            Model::Status(status) => {
                let text = format!("The simulator was asked to answer with HTTP status {status}.");
                let mut answer =
                    upstream(status, JSON, refusal::object(Operation::Chat, status, &text, "simulated"), &ask, began);
                answer.retry_after = (status == 429 || status == 503).then_some(RETRY_AFTER);
                return Ok(answer);
            }
            Model::WrongType => {
                return Ok(upstream(200, "text/html", "<html><body>It works!</body></html>".into(), &ask, began));
            }
            Model::Empty => {
                return Ok(upstream(200, content_type, bytes::Bytes::new(), &ask, began));
            }
            _ => {}
        }
        let body = play::play(model, &options, ask.peek.stream, parts);
        let body = Body::local(body, began, ask.timers);
        Ok(Upstream {
            status: 200,
            content_type: content_type.to_owned(),
            retry_after: None,
            spliced_usage: false,
            dropped: vec![],
            body,
        })
    }

    async fn models(&self, _: Timers) -> Result<Vec<Listed>, Fault> {
        Ok(model_names().map(|name| Listed { id: name.to_owned(), created: 0 }).collect())
    }
}

/// What happens before the head of an answer, under the same deadline as with a real provider.
async fn head_delay(model: Model, options: &Options, timers: Timers) -> Result<(), Fault> {
    let first_byte = || Fault { may_have_worked: true, ..Fault::new(FaultKind::Timeout("first_byte")) };
    if model == Model::Reset {
        let why = "it closed the connection without an answer".to_owned();
        return Err(Fault { may_have_worked: true, ..Fault::new(FaultKind::Unreachable(why)) });
    }
    let delay = Duration::from_millis(options.first_delay_ms.unwrap_or(0));
    if delay.is_zero() {
        return Ok(());
    }
    tokio::time::timeout(timers.first_byte, tokio::time::sleep(delay)).await.map_err(|_| first_byte())
}

fn upstream(status: u16, content_type: &str, body: bytes::Bytes, ask: &Ask<'_>, began: Instant) -> Upstream {
    let body = if body.is_empty() { stream::empty().boxed() } else { stream::iter([Ok(body)]).boxed() };
    let body = Body::local(body, began, ask.timers);
    Upstream {
        status,
        content_type: content_type.to_owned(),
        retry_after: None,
        spliced_usage: false,
        dropped: vec![],
        body,
    }
}
