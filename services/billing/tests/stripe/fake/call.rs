//! How does a call come in, and its answer go out?

use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, http::request::Parts};
use serde_json::Value;

/// A call.
pub(crate) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    /// Of the query and the body, in their order.
    pub(super) params: Vec<(String, String)>,
    pub(super) key: Option<String>,
    pub(super) bearer: String,
    pub(super) version: String,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(super) status: u16,
    pub(super) should_retry: Option<bool>,
    pub(super) body: Value,
}

impl Call {
    pub(super) fn read(head: &Parts, body: &[u8]) -> Self {
        let header = |name: &str| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
        if !body.is_empty() {
            assert_eq!(header("content-type").as_deref(), Some("application/x-www-form-urlencoded"));
        }
        let query = head.uri.query().unwrap_or_default();
        let pairs = [query.as_bytes(), body].into_iter().flat_map(|text| url::form_urlencoded::parse(text));
        Self {
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            params: pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect(),
            key: header("idempotency-key"),
            bearer: header("authorization").unwrap_or_default().replacen("Bearer ", "", 1),
            version: header("stripe-version").unwrap_or_default(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Of one that the table says must be there.
    pub(super) fn text(&self, name: &str) -> String {
        self.get(name).unwrap_or_default().to_owned()
    }

    pub(super) fn number(&self, name: &str) -> Option<i64> {
        self.get(name)?.parse().ok()
    }
}

impl Reply {
    pub(super) fn ok(body: Value) -> Self {
        Self { status: 200, should_retry: None, body }
    }

    pub(super) fn response(self) -> Response<Full<Bytes>> {
        let mut response = Response::builder().status(self.status).header("content-type", "application/json");
        if let Some(should_retry) = self.should_retry {
            response = response.header("stripe-should-retry", should_retry.to_string());
        }
        response.body(Full::new(Bytes::from(self.body.to_string()))).unwrap()
    }
}
