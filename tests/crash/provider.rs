//! The provider: answers as it is asked, and counts on its own what it was asked and what it charges for.

use crate::load::SMALL;
use bytes::Bytes;
use futures::{StreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody, combinators::UnsyncBoxBody};
use hyper::{Request, Response, body::Frame, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

type Body = UnsyncBoxBody<Bytes, io::Error>;

/// What a call cost, as the provider says. No two calls have the same `prompt`, but for small ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charged {
    pub prompt: i64,
    pub cached: i64,
    pub completion: i64,
    pub reasoning: i64,
}

/// One call that arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// The model that was asked for: each request of the loader has one of its own.
    pub tag: String,
    pub charged: Charged,
    /// When the usage went out. None: the provider has said nothing that counts.
    pub told: Option<Instant>,
}

/// A running provider. Stops when dropped.
pub struct Provider {
    /// With `/v1`.
    pub url: String,
    state: Arc<State>,
    _serving: AbortOnDropHandle<()>,
}

#[derive(Default)]
struct State {
    calls: Mutex<Vec<Call>>,
}

/// How a call goes, by the last word of its model's name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Answers,
    /// Refuses to work.
    Fails,
    /// Ends in the middle, without usage.
    Breaks,
}

impl Provider {
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let state = Arc::new(State::default());
        #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
        let serving = tokio::spawn(serve(listener, state.clone()));
        Ok(Self { url, state, _serving: AbortOnDropHandle::new(serving) })
    }

    /// Every call so far.
    pub fn calls(&self) -> Vec<Call> {
        self.state.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _ = stream.set_nodelay(true);
        let state = state.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| respond(state.clone(), request));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // A caller that is killed makes this fail, as it should.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> anyhow::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    if head.method == http::Method::GET {
        return Ok(whole(200, json!({"object": "list", "data": []}), None));
    }
    let request: Value = serde_json::from_slice(&body)?;
    let tag = request["model"].as_str().unwrap_or_default().to_owned();
    let part = match tag.rsplit('-').next() {
        Some("fails") => Part::Fails,
        Some("breaks") => Part::Breaks,
        _ => Part::Answers,
    };
    let (index, charged) = {
        let mut calls = state.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let n = i64::try_from(calls.len())?;
        let (prompt, cached) = if tag.ends_with(SMALL) { (1, 0) } else { (1_000_000 + n, n % 3 * 100) };
        let charged = Charged { prompt, cached, completion: 3 + n % 40, reasoning: n % 3 };
        calls.push(Call { tag: tag.clone(), charged, told: None });
        (calls.len() - 1, charged)
    };
    let working = Working { state, index };
    tokio::time::sleep(Duration::from_millis(charged.completion.unsigned_abs() % 7)).await;
    if part == Part::Fails {
        let error = json!({"error": {"message": "scripted", "type": "server_error", "param": null, "code": null}});
        return Ok(whole(500, error, None));
    }
    if request["stream"] == json!(true) {
        return Ok(streamed(&tag, charged, part, working));
    }
    if part == Part::Breaks {
        anyhow::bail!("breaks");
    }
    let message = json!({"index": 0, "message": {"role": "assistant", "content": "well"}, "finish_reason": "stop"});
    let answer = json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": tag,
        "usage": usage(charged), "choices": [message]});
    Ok(whole(200, answer, Some(working)))
}

fn usage(charged: Charged) -> Value {
    let Charged { prompt, cached, completion, reasoning } = charged;
    json!({"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": cached},
        "completion_tokens_details": {"reasoning_tokens": reasoning}})
}

fn whole(status: u16, answer: Value, working: Option<Working>) -> Response<Body> {
    let once = stream::once(async move {
        if let Some(working) = &working {
            working.told();
        }
        Ok(Frame::data(Bytes::from(answer.to_string())))
    });
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(UnsyncBoxBody::new(StreamBody::new(once))).unwrap_or_default()
}

fn streamed(tag: &str, charged: Charged, part: Part, working: Working) -> Response<Body> {
    let chunk = |choices: Value, usage: Value| {
        let value = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": tag,
            "choices": choices, "usage": usage});
        format!("data: {value}\n\n")
    };
    let word = json!([{"index": 0, "delta": {"content": "so "}, "finish_reason": null}]);
    let stop = json!([{"index": 0, "delta": {}, "finish_reason": "stop"}]);
    let mut events = vec![(false, chunk(word, Value::Null)); 4];
    if part == Part::Answers {
        events.push((false, chunk(stop, Value::Null)));
        events.push((true, chunk(json!([]), usage(charged)) + "data: [DONE]\n\n"));
    }
    let frames = stream::iter(events).then(move |(is_last, event)| {
        if is_last {
            working.told();
        }
        async move {
            tokio::time::sleep(Duration::from_millis(2)).await;
            Ok(Frame::data(Bytes::from(event)))
        }
    });
    let broken = (part == Part::Breaks).then(|| Err(io::Error::other("breaks")));
    let body = UnsyncBoxBody::new(StreamBody::new(frames.chain(stream::iter(broken))));
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap_or_default()
}

/// A call that is being answered.
struct Working {
    state: Arc<State>,
    index: usize,
}

impl Working {
    fn told(&self) {
        let mut calls = self.state.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls[self.index].told = Some(Instant::now());
    }
}
