//! How is one of Efí's two APIs called?

use super::{fault::Fault, line::Line, problem, token::Tokens};
use bytes::Bytes;
use egress::{Client, Deadlines};
use host::{Clock, config::Secret};
use http::{HeaderValue, Method, Request, header};
use serde::{Serialize, de::DeserializeOwned};
use std::time::Duration;

/// More than any answer has: a page of a hundred charges with their pictures of QR codes.
const LONGEST_ANSWER: usize = 8 * 1024 * 1024;
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const AGENT: HeaderValue = HeaderValue::from_static(concat!("perpetuo/", env!("CARGO_PKG_VERSION")));

/// One of the two APIs: where it is, what calls it, and who we are there.
pub(super) struct Api {
    pub(super) base: String,
    /// Where it gives out tokens.
    pub(super) token_path: &'static str,
    pub(super) line: Line,
    /// `client_id:client_secret`, as it is sent.
    pub(super) basic: Secret,
    /// The secret alone, so that it can be taken out of a text.
    pub(super) secret: Secret,
    pub(super) tokens: Tokens,
    pub(super) timeout: Duration,
    pub(super) clock: Clock,
}

impl Api {
    /// What is there.
    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Fault> {
        understood(&self.call(Method::GET, path, Bytes::new()).await?)
    }

    /// Sends something, and reads what has become of it.
    pub(super) async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Fault> {
        let body =
            serde_json::to_vec(body).map_err(|_| Fault::Unsent("a request cannot be written as JSON".to_owned()))?;
        understood(&self.call(method, path, body.into()).await?)
    }

    /// The body of an answer that says yes. A token that is not accepted is replaced once: Efí may take one back.
    pub(super) async fn call(&self, method: Method, path: &str, body: Bytes) -> Result<Bytes, Fault> {
        let client = self.line.client().await;
        let mut refused = None;
        loop {
            let token = self.token(&client, refused).await?;
            let mut request = self.request(method.clone(), path, body.clone())?;
            request.headers_mut().insert(header::AUTHORIZATION, token.header.clone());
            let (status, answer) = self.exchange(&client, request).await?;
            if status == 401 && refused.is_none() {
                refused = Some(token.number);
                continue;
            }
            return self.judge(status, answer, token.header.to_str().unwrap_or_default());
        }
    }

    pub(super) fn request(&self, method: Method, path: &str, body: Bytes) -> Result<Request<Bytes>, Fault> {
        let has_body = !body.is_empty();
        let uri = format!("{}{path}", self.base.trim_end_matches('/'));
        let mut request = Request::builder().method(method).uri(uri);
        request = request.header(header::ACCEPT, JSON).header(header::USER_AGENT, AGENT);
        if has_body {
            request = request.header(header::CONTENT_TYPE, JSON);
        }
        request.body(body).map_err(|_| Fault::Unsent("the address of a request is none".to_owned()))
    }

    pub(super) async fn exchange(&self, client: &Client, request: Request<Bytes>) -> Result<(u16, Bytes), Fault> {
        let connect = self.timeout.min(Duration::from_secs(10));
        let deadlines = Deadlines { connect, first_byte: self.timeout, total: Some(self.timeout * 2) };
        let response = Box::pin(client.send(request, &deadlines)).await?;
        let status = response.status().as_u16();
        // Its head is there, so it has arrived; what is missing of the answer can be asked for.
        let body = response.into_body().collect_within(LONGEST_ANSWER, self.timeout).await?;
        Ok((status, body))
    }

    /// What an answer means. `token` is taken out of its text, should Efí repeat it.
    pub(super) fn judge(&self, status: u16, answer: Bytes, token: &str) -> Result<Bytes, Fault> {
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        let mut text = problem::text(status, &answer);
        let token = token.trim_start_matches("Bearer ");
        for hidden in [self.secret.expose(), self.basic.expose(), token].into_iter().filter(|text| text.len() > 3) {
            text = text.replace(hidden, "[hidden]");
        }
        Err(match status {
            404 => Fault::Missing(text),
            401 => Fault::Refused(format!("{text}; see billing.efi.client_id, client_secret and sandbox")),
            403 => Fault::Refused(format!("{text}; the application at Efí may lack a scope")),
            // Also what Efí's limit of calls answers.
            408 | 425 | 429 | 500.. => Fault::Away(text),
            400..500 => Fault::Refused(text),
            _ => Fault::Garbled(text),
        })
    }
}

fn understood<T: DeserializeOwned>(answer: &[u8]) -> Result<T, Fault> {
    // What serde says repeats what it read, which is about people and their money.
    serde_json::from_slice(answer).map_err(|error| {
        let kind = if error.is_data() { "a field is missing or of another kind" } else { "it is no JSON" };
        Fault::Garbled(format!("{kind} (line {}, column {})", error.line(), error.column()))
    })
}
