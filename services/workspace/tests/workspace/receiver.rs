//! Somebody's program that is sent events, on loopback.

use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinHandle};

/// A running one. It ends when dropped.
pub struct Receiver {
    pub url: String,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

/// What it was sent.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: http::HeaderMap,
    pub body: String,
}

struct State {
    received: Mutex<Vec<Received>>,
    answer: Mutex<Answer>,
}

/// What it answers from now on.
#[derive(Clone)]
pub enum Answer {
    With(u16, &'static [(&'static str, &'static str)], String),
    /// This status, when it is told to answer.
    When(Arc<Notify>, u16),
    Never,
}

impl Answer {
    pub fn status(status: u16) -> Self {
        Self::With(status, &[], String::new())
    }
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whether it carries what the library of the specification signs with this secret. (It verifies by the machine's clock, which
    /// is not that of these tests: the scenarios have it do so.)
    pub fn is_signed_with(&self, secret: &str) -> bool {
        let webhook = standardwebhooks::Webhook::new(secret).expect("a secret as the specification has them");
        let timestamp = self.header("webhook-timestamp").parse().unwrap();
        let expected = webhook.sign(self.header("webhook-id"), timestamp, self.body.as_bytes()).unwrap();
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

impl Receiver {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let state = Arc::new(State { received: Mutex::default(), answer: Mutex::new(Answer::status(204)) });
        #[expect(clippy::disallowed_methods, reason = "ends with the receiver")]
        let serving = tokio::spawn(serve(listener, state.clone()));
        Self { url, state, serving }
    }

    pub fn answer(&self, answer: Answer) {
        *self.state.answer.lock().unwrap() = answer;
    }

    /// Until it has been sent so many.
    pub async fn has(&self, number: usize) {
        for _ in 0..500 {
            if self.received().len() >= number {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it was sent {} only", self.received().len());
    }

    pub fn received(&self) -> Vec<Received> {
        self.state.received.lock().unwrap().clone()
    }

    pub fn types(&self) -> Vec<String> {
        self.received().iter().map(|one| one.json()["type"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(listener: TcpListener, state: Arc<State>) {
    let mut all = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        all.spawn(async move {
            let service = service_fn(move |request| answer(state.clone(), request));
            drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
        });
    }
}

async fn answer(state: Arc<State>, request: Request<Incoming>) -> Result<Response<Full<bytes::Bytes>>, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await?.to_bytes().to_vec()).unwrap();
    let received = Received { path: parts.uri.path().to_owned(), headers: parts.headers, body };
    state.received.lock().unwrap().push(received);
    let answer = state.answer.lock().unwrap().clone();
    match answer {
        Answer::With(status, headers, body) => {
            let response =
                headers.iter().fold(Response::builder().status(status), |r, (name, value)| r.header(*name, *value));
            Ok(response.body(Full::from(body)).unwrap())
        }
        Answer::When(told, status) => {
            told.notified().await;
            Ok(Response::builder().status(status).body(Full::default()).unwrap())
        }
        Answer::Never => {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(Response::new(Full::default()))
        }
    }
}
