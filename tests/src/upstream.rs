//! A scripted provider that speaks OpenAI's chat completions, on loopback. The model's name selects what it does, and
//! it remembers what it was sent and how each call ended.

mod answer;

pub use answer::{Script, Then};

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::{sync::CancellationToken, task::AbortOnDropHandle};

/// A running fake provider. Stops when dropped.
pub struct Upstream {
    /// What an OpenAI SDK would take: with `/v1`.
    pub url: String,
    state: Arc<State>,
    _serving: AbortOnDropHandle<()>,
    stop: CancellationToken,
}

/// One request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// `POST /v1/chat/completions`
    pub line: String,
    /// Headers.
    pub headers: http::HeaderMap,
    /// The body, byte for byte.
    pub body: Bytes,
}

#[derive(Default)]
struct State {
    scripts: Mutex<HashMap<String, Script>>,
    received: Mutex<Vec<Received>>,
    connections: AtomicUsize,
    under_way: AtomicUsize,
    abandoned: AtomicUsize,
}

impl Upstream {
    /// Starts one. Models without a script answer like [`Script::text`].
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/v1", listener.local_addr()?);
        let (state, stop) = (Arc::new(State::default()), CancellationToken::new());
        #[expect(clippy::disallowed_methods, reason = "ends with its handle")]
        let serving = tokio::spawn(serve(listener, state.clone(), stop.clone()));
        Ok(Self { url, state, _serving: AbortOnDropHandle::new(serving), stop })
    }

    /// From now on `model` does this.
    pub fn on(&self, model: &str, script: Script) {
        lock(&self.state.scripts).insert(model.to_owned(), script);
    }

    /// Requests so far.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.state.received).clone()
    }

    /// The JSON body of the last request.
    pub fn last_body(&self) -> anyhow::Result<Value> {
        let received = self.received();
        let last = received.last().ok_or_else(|| anyhow::anyhow!("nothing was sent to the provider"))?;
        Ok(serde_json::from_slice(&last.body)?)
    }

    /// Connections so far, whether anything came over them or not.
    pub fn connections(&self) -> usize {
        self.state.connections.load(SeqCst)
    }

    /// Calls that it is still answering.
    pub fn under_way(&self) -> usize {
        self.state.under_way.load(SeqCst)
    }

    /// Calls whose caller left before the end.
    pub fn abandoned(&self) -> usize {
        self.state.abandoned.load(SeqCst)
    }

    /// Closes its port: connections are refused from now on, and open ones end.
    pub fn go_away(&self) {
        self.stop.cancel();
    }
}

async fn serve(listener: TcpListener, state: Arc<State>, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = stop.cancelled() => return,
        };
        let Ok((stream, _)) = accepted else { continue };
        let _ = stream.set_nodelay(true);
        state.connections.fetch_add(1, SeqCst);
        let state = state.clone();
        connections.spawn(async move {
            let service = service_fn(move |request| respond(state.clone(), request));
            let builder = hyper_util::server::conn::auto::Builder::new(TokioExecutor::new());
            // A script that breaks the connection makes this fail, as it should.
            let _ = builder.serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

async fn respond(state: Arc<State>, request: Request<Incoming>) -> anyhow::Result<http::Response<answer::Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let line = format!("{} {}", head.method, head.uri.path());
    lock(&state.received).push(Received { line: line.clone(), headers: head.headers, body: body.clone() });
    let guard = Guard::new(state.clone());
    if line == "GET /v1/models" {
        return Ok(answer::models(guard));
    }
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let model = request["model"].as_str().unwrap_or_default().to_owned();
    let script = lock(&state.scripts).get(&model).cloned().unwrap_or_else(|| Script::text("Hello from upstream."));
    answer::play(script, &request, guard).await
}

/// Counts a call as under way, and as abandoned if it is dropped before its end.
pub(crate) struct Guard {
    state: Arc<State>,
    finished: bool,
}

impl Guard {
    fn new(state: Arc<State>) -> Self {
        state.under_way.fetch_add(1, SeqCst);
        Self { state, finished: false }
    }

    pub(crate) fn finish(&mut self) {
        self.finished = true;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.state.under_way.fetch_sub(1, SeqCst);
        if !self.finished {
            self.state.abandoned.fetch_add(1, SeqCst);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
