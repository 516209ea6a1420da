//! Somebody who has everything that a path may name.

use crate::routes::Sent;
use anyhow::{Context as _, ensure};
use axum::{Router, body::Body};
use http::{Request, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use tests::client::PASSWORD;
use tower::ServiceExt as _;

static COUNT: AtomicUsize = AtomicUsize::new(0);

pub(crate) struct Person {
    router: Router,
    token: String,
    key: String,
    /// Names of path parameters, and what they are for this person.
    names: Vec<(&'static str, String)>,
}

impl Person {
    /// Signs up, and adds three providers at `url`, of which two take any model and one counts tokens, and a key.
    pub(crate) async fn new(router: Router, url: &str) -> anyhow::Result<Self> {
        let email = format!("ana-{}@example.com", COUNT.fetch_add(1, Relaxed));
        let mut person = Self { router, token: String::new(), key: String::new(), names: vec![] };
        let account = json!({"email": email, "password": PASSWORD, "name": "Ana"});
        let account = person.made("/api/v1/auth/signup", account).await?;
        person.token = text(&account["access_token"])?;
        let workspace = text(&account["workspace"]["id"])?;
        let one = format!("/api/v1/workspaces/{workspace}");
        let provider = json!({"provider": "openai", "name": "any", "base_url": url, "api_key": "sk-of-nobody"});
        let any = person.made(&format!("{one}/providers"), provider).await?;
        let provider =
            json!({"provider": "openai", "name": "some", "base_url": url, "models": ["listed"], "priority": 1});
        person.made(&format!("{one}/providers"), provider).await?;
        let options = json!({"native": ["messages"]});
        let provider =
            json!({"provider": "openai", "name": "talks", "base_url": url, "options": options, "priority": 2});
        person.made(&format!("{one}/providers"), provider).await?;
        let key = person.made(&format!("{one}/api-keys"), json!({"name": "key"})).await?;
        person.key = text(&key["key"])?;
        person.names = vec![
            ("workspace_id", workspace),
            ("provider_id", text(&any["id"])?),
            ("key_id", text(&key["id"])?),
            ("model", "any/model".to_owned()),
        ];
        Ok(person)
    }

    /// The path with this person's ids; what else it names is made up.
    pub(crate) fn fill(&self, path: &str) -> String {
        let known =
            self.names.iter().fold(path.to_owned(), |path, (name, id)| path.replace(&format!("{{{name}}}"), id));
        // Google's paths end with what is to be done with a model.
        let known = known.replace("/v1beta/models/{model}", "/v1beta/models/listed:generateContent");
        let parts = known.split('/').map(|part| if part.starts_with('{') { "made-up" } else { part });
        parts.collect::<Vec<_>>().join("/")
    }

    /// Sends a request and reads its answer to the end, whatever it is.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        with_key: bool,
        body: Option<Sent>,
    ) -> anyhow::Result<(u16, Vec<u8>)> {
        let credential = if with_key { &self.key } else { &self.token };
        let mut request = Request::builder().method(method).uri(path);
        if !credential.is_empty() {
            request = request.header(header::AUTHORIZATION, format!("Bearer {credential}"));
        }
        let body = match body {
            Some(body) => {
                let (kind, content) = body.encoded();
                request = request.header(header::CONTENT_TYPE, kind);
                Body::from(content)
            }
            None => Body::empty(),
        };
        let mut request = request.body(body)?;
        request.extensions_mut().insert(edge::Peer(([127, 0, 0, 1], 4711).into()));
        let (head, body) = self.router.clone().oneshot(request).await?.into_parts();
        Ok((head.status.as_u16(), body.collect().await?.to_bytes().to_vec()))
    }

    /// A key of the same workspace with limits of its own.
    pub(crate) async fn with_limits(&self, limits: Value) -> anyhow::Result<Self> {
        let path = self.fill("/api/v1/workspaces/{workspace_id}/api-keys");
        let key = self.made(&path, json!({"name": "x", "limits": limits})).await?;
        let (router, token, names) = (self.router.clone(), self.token.clone(), self.names.clone());
        Ok(Self { key: text(&key["key"])?, router, token, names })
    }

    /// What the key is answered, as JSON.
    pub(crate) async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> anyhow::Result<(u16, Value)> {
        let (status, answer) = self.send(method, &self.fill(path), true, body.map(Sent::Json)).await?;
        Ok((status, serde_json::from_slice(&answer)?))
    }

    async fn made(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        let (status, answer) = self.send("POST", path, false, Some(Sent::Json(body))).await?;
        ensure!(matches!(status, 200 | 201), "POST {path} was answered {status}: {}", String::from_utf8_lossy(&answer));
        Ok(serde_json::from_slice(&answer)?)
    }
}

fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value.as_str().context("a text")?.to_owned())
}
