//! Google's Gemini API (`POST /v1beta/models/{model}:generateContent`). The key goes in a header, never in the address.

mod answer;
mod contents;
mod embed;
mod events;
mod request;
mod schema;

use super::{
    Ask, Dialect, Fault, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::Http,
    screen,
    translate::{
        self,
        answer::Chunks,
        embed::Wanted,
        refusal::{self, Said},
        request::Request,
        stream::{Framing, translated},
    },
};
use crate::{config::Timers, operation::Operation};
use ::http::{HeaderName, Uri};
use answer::Memory;
use bytes::Bytes;
use proto::workspace::OpenProvider;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// How many models are listed at once, which is the most that there can be.
const LIST: &str = "pageSize=1000";

struct Gemini {
    kind: &'static Kind,
    surroundings: Surroundings,
    provider: String,
    http: Http,
    base: String,
    models: Uri,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let base = http::base_url(kind, settings)?.trim_end_matches('/');
    let key = HeaderName::from_static("x-goog-api-key");
    Ok(Box::new(Gemini {
        kind,
        surroundings: surroundings.clone(),
        provider: settings.id.clone(),
        http: Http::new(surroundings).credential(http::secret(key, &settings.api_key)?),
        base: base.to_owned(),
        models: http::endpoint(&format!("{base}?{LIST}"), &["models"])?,
    }))
}

impl Gemini {
    /// Where a model is asked. A name with a slash says itself what it is: `models/…`, `tunedModels/…`.
    fn address(&self, model: &str, stream: bool) -> Result<Uri, Fault> {
        self.address_of(model, if stream { "streamGenerateContent" } else { "generateContent" }, stream)
    }

    fn address_of(&self, model: &str, verb: &str, stream: bool) -> Result<Uri, Fault> {
        let base = if stream { format!("{}?alt=sse", self.base) } else { self.base.clone() };
        let path = if model.contains('/') { format!("{model}:{verb}") } else { format!("models/{model}:{verb}") };
        let path: Vec<&str> = path.split('/').collect();
        http::endpoint(&base, &path).map_err(|_| Fault::invalid("model", "is no name that this provider could have"))
    }

    async fn embed(&self, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let mut wanted = Wanted::read(ask)?;
        let body = embed::native(&mut wanted, ask.model);
        let address = self.address_of(ask.model, "batchEmbedContents", false)?;
        let upstream = self.http.post(&address, body.to_string().into(), ask).await?;
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::read(upstream, said).await);
        }
        Ok(embed::answer(wanted, upstream))
    }
}

#[tonic::async_trait]
impl Dialect for Gemini {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let context = contents::Context {
            model: ask.model,
            surroundings: &self.surroundings,
            provider: &self.provider,
            timers: ask.timers,
        };
        let body = request::native(&request, &context, &mut dropped).await?;
        let address = self.address(ask.model, ask.peek.stream)?;
        let upstream = self.http.post(&address, Bytes::from(body.to_string()), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::read(upstream, said).await);
        }
        let memory = Memory { surroundings: self.surroundings.clone(), provider: self.provider.clone() };
        let face = self.surroundings.face(ask.model);
        if ask.peek.stream {
            let events = events::Events::new(memory, request.n.unwrap_or(1));
            return Ok(translated(upstream, Framing::Events, events, Chunks::new(face, ask.peek.include_usage)));
        }
        Ok(translate::whole(upstream, move |response| answer::write(face, response, &memory)))
    }

    fn takes(&self, operation: Operation, _: &str) -> bool {
        matches!(operation, Operation::Chat | Operation::Embeddings)
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        match operation {
            Operation::Chat => self.chat(ask).await,
            Operation::Embeddings => self.embed(&ask).await,
            other => Err(Fault::not_offered(other)),
        }
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        #[derive(Deserialize)]
        struct List {
            models: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            name: String,
        }
        let List { models } = self.http.list(&self.models, timers).await?;
        let plain = |name: String| name.strip_prefix("models/").map(str::to_owned).unwrap_or(name);
        Ok(models.into_iter().map(|m| Listed { id: plain(m.name), created: 0 }).collect())
    }
}

/// `{"error":{"code":400,"message":…,"status":"INVALID_ARGUMENT","details":[…]}}`. A key that is not valid has status 400
/// there, and how long to wait stands in the body.
fn said(body: &Value) -> Option<Said> {
    let error = &body["error"];
    let message = error["message"].as_str()?.to_owned();
    let details = || error["details"].as_array().into_iter().flatten();
    let wrong_key = details().any(|d| d["reason"] == "API_KEY_INVALID");
    let wait = details().find_map(|d| d["retryDelay"].as_str()?.strip_suffix('s')?.parse::<f64>().ok());
    Some(Said {
        status: wrong_key.then_some(401),
        message,
        code: error["status"].as_str().unwrap_or_default().to_owned(),
        retry_after: wait.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()),
    })
}
