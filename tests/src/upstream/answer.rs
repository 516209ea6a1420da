//! What the fake provider answers: OpenAI's shapes, and each way in which a provider fails.

use super::Guard;
use bytes::Bytes;
use futures::{Stream, StreamExt as _, stream};
use http::{Response, header};
use http_body_util::{StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Frame;
use serde_json::{Value, json};
use std::{io, time::Duration};

pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What a model does when it is called.
#[derive(Clone, Debug)]
pub enum Script {
    /// Answers, streamed word by word with this pause if a stream is asked for.
    Text {
        /// The whole text.
        text: String,
        /// Between two chunks.
        pause: Duration,
    },
    /// This status, headers and body.
    Raw {
        /// HTTP status.
        status: u16,
        /// Name and value.
        headers: Vec<(&'static str, String)>,
        /// As it is.
        body: String,
    },
    /// A 200 whose body is exactly these pieces, with a pause before each.
    Pieces {
        /// Content type.
        content_type: &'static str,
        /// Pause before the piece, and the piece.
        pieces: Vec<(Duration, Bytes)>,
        /// What comes after the last.
        then: Then,
    },
    /// Accepts and never answers.
    Silent,
    /// What another server that speaks OpenAI answers to the same request, for another model.
    Relay {
        /// With `/v1`.
        url: String,
        /// Sent to it.
        key: String,
        /// Asked of it.
        model: String,
    },
}

/// How a scripted body ends.
#[derive(Clone, Copy, Debug)]
pub enum Then {
    /// As a body should.
    End,
    /// The connection breaks.
    Break,
    /// Nothing more, for ever.
    Stall,
}

impl Script {
    /// Answers at once with this text.
    pub fn text(text: &str) -> Self {
        Self::Text { text: text.to_owned(), pause: Duration::ZERO }
    }

    /// Answers with an error status in OpenAI's shape.
    pub fn status(status: u16) -> Self {
        let error = json!({"error": {"message": "scripted failure", "type": "server_error", "param": null, "code": "scripted"}});
        Self::Raw { status, headers: vec![("content-type", "application/json".to_owned())], body: error.to_string() }
    }

    /// A stream that sends `text` word by word and then ends in this way instead of properly.
    pub fn cut(text: &str, then: Then) -> Self {
        let pieces = words(text).map(|word| (Duration::ZERO, event(&chunk("m", &word, None)))).collect();
        Self::Pieces { content_type: "text/event-stream", pieces, then }
    }
}

pub(crate) async fn play(script: Script, request: &Value, mut guard: Guard) -> anyhow::Result<Response<Body>> {
    let model = request["model"].as_str().unwrap_or_default();
    match script {
        Script::Text { text, pause } if request["stream"] == json!(true) => {
            let usage = request["stream_options"]["include_usage"] == json!(true);
            let pieces = text_events(model, &text, usage).map(|e| (pause, e)).collect::<Vec<_>>();
            Ok(body("text/event-stream", 200, vec![], pieces, Then::End, guard))
        }
        Script::Text { text, pause } => {
            let whole = completion(model, &text).to_string();
            Ok(body("application/json", 200, vec![], vec![(pause, whole.into())], Then::End, guard))
        }
        Script::Raw { status, headers, body: text } => {
            Ok(body("", status, headers, vec![(Duration::ZERO, text.into())], Then::End, guard))
        }
        Script::Relay { url, key, model } => relay(&url, &key, &model, request, guard).await,
        Script::Pieces { content_type, pieces, then } => Ok(body(content_type, 200, vec![], pieces, then, guard)),
        Script::Silent => {
            std::future::pending::<()>().await;
            guard.finish();
            anyhow::bail!("silent")
        }
    }
}

async fn relay(url: &str, key: &str, model: &str, request: &Value, guard: Guard) -> anyhow::Result<Response<Body>> {
    let mut asked = request.clone();
    asked["model"] = json!(model);
    let address = format!("{url}/chat/completions");
    let answer = reqwest::Client::new().post(address).bearer_auth(key).json(&asked).send().await?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let headers = vec![("content-type", content_type.to_owned())];
    Ok(body("", status, headers, vec![(Duration::ZERO, answer.bytes().await?)], Then::End, guard))
}

pub(crate) fn models(guard: Guard) -> Response<Body> {
    let list = json!({"object": "list", "data": [{"id": "tiny", "object": "model", "created": 1, "owned_by": "test"}]});
    body("application/json", 200, vec![], vec![(Duration::ZERO, list.to_string().into())], Then::End, guard)
}

/// Tokens are words, so that expectations can be counted by hand.
fn usage(text: &str) -> Value {
    let output = text.split_whitespace().count();
    json!({"prompt_tokens": 7, "completion_tokens": output, "total_tokens": 7 + output})
}

fn completion(model: &str, text: &str) -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": model, "usage": usage(text),
        "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
    })
}

fn chunk(model: &str, content: &str, finish: Option<&str>) -> Value {
    let delta = if finish.is_some() { json!({}) } else { json!({"content": content}) };
    json!({
        "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model,
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
    })
}

fn text_events(model: &str, text: &str, with_usage: bool) -> impl Iterator<Item = Bytes> {
    let mut events: Vec<Value> = words(text).map(|w| chunk(model, &w, None)).collect();
    events.push(chunk(model, "", Some("stop")));
    if with_usage {
        for event in &mut events {
            event["usage"] = Value::Null;
        }
        let mut last = chunk(model, "", None);
        last["choices"] = json!([]);
        last["usage"] = usage(text);
        events.push(last);
    }
    events.into_iter().map(|e| event(&e)).chain([Bytes::from_static(b"data: [DONE]\n\n")])
}

fn words(text: &str) -> impl Iterator<Item = String> {
    text.split_inclusive(' ').map(str::to_owned)
}

fn event(value: &Value) -> Bytes {
    format!("data: {value}\n\n").into()
}

fn body(
    content_type: &'static str,
    status: u16,
    headers: Vec<(&'static str, String)>,
    pieces: Vec<(Duration, Bytes)>,
    then: Then,
    guard: Guard,
) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if !content_type.is_empty() {
        response = response.header(header::CONTENT_TYPE, content_type);
    }
    for (name, value) in headers {
        response = response.header(name, value);
    }
    let body = UnsyncBoxBody::new(StreamBody::new(frames(pieces, then, guard)));
    response.body(body).unwrap_or_default()
}

fn frames(pieces: Vec<(Duration, Bytes)>, then: Then, guard: Guard) -> impl Stream<Item = io::Result<Frame<Bytes>>> {
    let start = (pieces.into_iter(), guard);
    stream::unfold(start, move |(mut pieces, mut guard)| async move {
        if let Some((pause, piece)) = pieces.next() {
            if !pause.is_zero() {
                tokio::time::sleep(pause).await;
            }
            return Some((Ok(Frame::data(piece)), (pieces, guard)));
        }
        match then {
            Then::End => {
                guard.finish();
                None
            }
            Then::Break => {
                // What was sent goes out first: a server that fails at once never sends its head.
                tokio::time::sleep(Duration::from_millis(50)).await;
                guard.finish();
                Some((Err(io::Error::other("scripted break")), (pieces, guard)))
            }
            Then::Stall => std::future::pending().await,
        }
    })
    .scan(false, |failed, frame| {
        let over = std::mem::replace(failed, frame.is_err());
        std::future::ready((!over).then_some(frame))
    })
}
