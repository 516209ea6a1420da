//! The words of the scenarios: what people do with the API, and what they see.

use crate::authenticator;
use anyhow::{Context as _, ensure};
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Duration;

/// Somebody who calls the API, with a credential or without.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    credential: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: http::HeaderMap,
    /// Body as text.
    pub text: String,
}

/// A person with an account, and the workspace that came with it.
#[derive(Clone)]
pub struct Person {
    /// Calls with their access token.
    pub client: Client,
    /// The sign-up's answer.
    pub account: Value,
    /// `ws_…`
    pub workspace: String,
    /// What they log in with.
    pub email: String,
}

/// What guards an account beside its password.
#[derive(Clone, Debug)]
pub struct SecondFactor {
    /// What an authenticator app is given.
    pub secret: String,
    /// The same, for a QR code.
    pub uri: String,
    /// For whoever loses the app.
    pub recovery_codes: Vec<String>,
}

/// Everybody's password in the scenarios.
pub const PASSWORD: &str = "violet-anvil-harbor-42";

impl Client {
    /// Without a credential.
    pub fn new(base: String) -> Self {
        let http = reqwest::Client::builder().timeout(Duration::from_secs(60)).build().unwrap_or_default();
        Self { http, base, credential: None }
    }

    /// The same at another address, with a connection for each request, so that nobody makes one twice unseen.
    #[must_use]
    pub fn afresh_at(&self, base: &str) -> Self {
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).timeout(Duration::from_secs(60));
        Self { http: http.build().unwrap_or_default(), base: base.to_owned(), ..self.clone() }
    }

    /// The same with an access token or API key.
    #[must_use]
    pub fn with(&self, credential: impl Into<String>) -> Self {
        Self { credential: Some(credential.into()), ..self.clone() }
    }

    /// The same person or key at another address.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// Where it calls.
    pub fn base(&self) -> &str {
        &self.base
    }

    /// A request to build upon.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.credential {
            Some(credential) => request.bearer_auth(credential),
            None => request,
        }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::GET, path)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::DELETE, path)).await
    }

    /// POST of a JSON body.
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::POST, path).json(body)).await
    }

    /// POST of a JSON body under an `Idempotency-Key`.
    pub async fn post_once(&self, key: &str, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::POST, path).header("idempotency-key", key).json(body)).await
    }

    /// PATCH of a JSON body.
    pub async fn patch(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::PATCH, path).json(body)).await
    }

    /// PUT of a JSON body.
    pub async fn put(&self, path: &str, body: &Value) -> anyhow::Result<Answer> {
        Answer::of(self.request(Method::PUT, path).json(body)).await
    }

    /// POST of bytes as they are, called JSON.
    pub async fn post_raw(&self, path: &str, body: impl Into<reqwest::Body>) -> anyhow::Result<Answer> {
        let request = self.request(Method::POST, path).header("content-type", "application/json");
        Answer::of(request.body(body)).await
    }

    /// One chat completion with one message.
    pub async fn chat(&self, model: &str, message: &str) -> anyhow::Result<Answer> {
        self.post("/v1/chat/completions", &chat(model, message)).await
    }

    /// The same as a stream, read to its end.
    pub async fn chat_stream(&self, model: &str, message: &str) -> anyhow::Result<Answer> {
        let mut body = chat(model, message);
        body["stream"] = json!(true);
        self.post("/v1/chat/completions", &body).await
    }
}

/// A chat request with one message.
pub fn chat(model: &str, message: &str) -> Value {
    json!({"model": model, "messages": [{"role": "user", "content": message}]})
}

impl Answer {
    /// Sends a request and reads the whole answer. A body that breaks off gives what had arrived.
    pub async fn of(request: reqwest::RequestBuilder) -> anyhow::Result<Self> {
        let mut response = request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let mut bytes = vec![];
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
        }
        Ok(Self { status, headers, text: String::from_utf8(bytes)? })
    }

    /// Fails unless the status is this one.
    pub fn expect(self, status: u16) -> anyhow::Result<Self> {
        ensure!(self.status == status, "expected {status}, got {} with {}", self.status, self.text);
        Ok(self)
    }

    /// The body as JSON.
    pub fn json(&self) -> anyhow::Result<Value> {
        serde_json::from_str(&self.text).with_context(|| format!("not JSON: {:?}", self.text))
    }

    /// A header as text, empty if it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The `data:` payloads of an event stream, in order.
    pub fn events(&self) -> Vec<&str> {
        self.text.lines().filter_map(|l| l.strip_prefix("data:")).map(str::trim).collect()
    }

    /// The text of a chat completion, streamed or not.
    pub fn content(&self) -> anyhow::Result<String> {
        if !self.header("content-type").starts_with("text/event-stream") {
            let json = self.json()?;
            return Ok(json["choices"][0]["message"]["content"].as_str().context("no content")?.to_owned());
        }
        let mut text = String::new();
        for event in self.events().into_iter().filter(|e| *e != "[DONE]") {
            let chunk: Value = serde_json::from_str(event)?;
            text += chunk["choices"][0]["delta"]["content"].as_str().unwrap_or_default();
        }
        Ok(text)
    }
}

impl Person {
    /// Signs up under a new address.
    pub async fn sign_up(base: &str) -> anyhow::Result<Self> {
        let email = format!("ada-{}@example.com", uuid::Uuid::from_u128(rand::random()).simple());
        let anybody = Client::new(base.to_owned());
        let body = json!({"email": email, "password": PASSWORD, "name": "Ada Lovelace"});
        let account = anybody.post("/auth/signup", &body).await?.expect(201)?.json()?;
        let token = account["access_token"].as_str().context("no access token")?;
        let workspace = account["workspace"]["id"].as_str().context("no workspace")?.to_owned();
        Ok(Self { client: anybody.with(token), account, workspace, email })
    }

    /// Sets an authenticator app up, and puts it in force with what it shows now.
    pub async fn second_factor(&self) -> anyhow::Result<SecondFactor> {
        let made =
            self.client.post("/api/v1/me/mfa/totp", &json!({"password": PASSWORD})).await?.expect(201)?.json()?;
        let secret = made["secret"].as_str().context("no secret")?.to_owned();
        let uri = made["otpauth_uri"].as_str().context("no address")?.to_owned();
        let code = json!({"code": authenticator::code(&secret, 0)?});
        let done = self.client.post("/api/v1/me/mfa/totp/confirm", &code).await?.expect(200)?.json()?;
        let recovery_codes: Vec<String> = serde_json::from_value(done["recovery_codes"].clone())?;
        Ok(SecondFactor { secret, uri, recovery_codes })
    }

    /// A path below their workspace.
    pub fn path(&self, rest: &str) -> String {
        format!("/workspaces/{}{rest}", self.workspace)
    }

    /// Creates an API key with these extra fields, and calls with it.
    pub async fn key_with(&self, fields: &Value) -> anyhow::Result<(Client, Value)> {
        let mut body = json!({"name": "test"});
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let key = self.client.post(&self.path("/api-keys"), &body).await?.expect(201)?.json()?;
        let secret = key["key"].as_str().context("no key")?.to_owned();
        Ok((self.client.with(secret), key))
    }

    /// Creates an API key, and calls with it.
    pub async fn key(&self) -> anyhow::Result<Client> {
        Ok(self.key_with(&json!({})).await?.0)
    }

    /// Adds a provider at this base URL with these extra fields.
    pub async fn provider(&self, base_url: &str, fields: &Value) -> anyhow::Result<Value> {
        let mut body = json!({"provider": "openai", "base_url": base_url, "api_key": "sk-test-canary-4242"});
        for (name, value) in fields.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.client.post(&self.path("/providers"), &body).await?.expect(201)?.json()
    }

    /// The log entry of an answer, once it is there.
    pub async fn log_of(&self, answer: &Answer) -> anyhow::Result<Value> {
        let path = self.path(&format!("/logs/{}", answer.header("x-request-id")));
        crate::eventually(async || self.client.get(&path).await?.expect(200)?.json()).await
    }

    /// The usage summary.
    pub async fn usage(&self) -> anyhow::Result<Value> {
        self.client.get(&self.path("/usage")).await?.expect(200)?.json()
    }
}
