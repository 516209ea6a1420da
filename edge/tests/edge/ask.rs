//! A client.

use crate::fake::{Fakes, TOKEN};
use axum::{Router, body::Body};
use bytes::Bytes;
use edge::{Config, Peer};
use http::{HeaderMap, Request, StatusCode, header::CONTENT_TYPE};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;

/// The edge before fakes.
pub struct Edge {
    pub router: Router,
    pub fakes: Fakes,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Edge {
    pub fn new() -> Self {
        Self::with(Config::default())
    }

    pub fn with(config: Config) -> Self {
        let fakes = Fakes::default();
        Self { router: edge::router(config, fakes.services()), fakes }
    }

    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        request.extensions_mut().insert(Peer(([203, 0, 113, 9], 4711).into()));
        let response = self.router.clone().oneshot(request).await.expect("routers answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }

    /// `GET` with Ana's access token.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).header("authorization", bearer(TOKEN)).body(Body::empty()).unwrap()).await
    }

    /// A request with Ana's access token and a JSON body.
    pub async fn put(&self, method: &str, path: &str, body: impl Into<Body>) -> Answer {
        let request = request(method, path).header("authorization", bearer(TOKEN));
        self.send(request.header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()).await
    }

    /// `POST` with a JSON body and nothing else.
    pub async fn post_anonymous(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.send(request("POST", path).header(CONTENT_TYPE, "application/json").body(body.into()).unwrap()).await
    }
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// A problem document with this status and reason, whole.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.header("content-type")), (status, "application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!((&problem["code"], &problem["status"]), (&code.into(), &status.into()), "{problem}");
        assert_eq!(problem["type"], format!("/docs/errors/{code}"));
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        for member in ["title", "detail", "instance"] {
            assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{member} of {problem}");
        }
        problem
    }

    /// An error in OpenAI's shape with this status and code.
    #[track_caller]
    pub fn openai(&self, status: u16, code: &str) -> Value {
        assert_eq!((self.status, self.header("content-type")), (status, "application/json"), "{self:?}");
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        assert!(error["message"].is_string() && error["type"].is_string(), "{error}");
        assert!(error.as_object().is_some_and(|members| members.contains_key("param")), "{error}");
        error
    }
}

pub fn request(method: &str, path: &str) -> http::request::Builder {
    Request::builder().method(method).uri(path)
}

pub fn bearer(credential: &str) -> String {
    format!("Bearer {credential}")
}

pub fn ok(answer: &Answer) {
    assert_eq!(answer.status, StatusCode::OK.as_u16(), "{answer:?}");
}
