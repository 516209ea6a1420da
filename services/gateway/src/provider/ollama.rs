//! Ollama's own API (`POST /api/chat`): messages with pictures as bytes, and a stream of lines.

mod answer;
mod embed;
mod request;

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
use ::http::Uri;
use chrono::DateTime;
use proto::workspace::OpenProvider;
use serde::Deserialize;
use serde_json::Value;

struct Ollama {
    kind: &'static Kind,
    surroundings: Surroundings,
    http: Http,
    chat: Uri,
    embed: Uri,
    tags: Uri,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    // People copy the address of the OpenAI face, too.
    let base = http::base_url(kind, settings)?.trim_end_matches('/');
    let base = base.trim_end_matches("/v1").trim_end_matches("/api");
    Ok(Box::new(Ollama {
        kind,
        surroundings: surroundings.clone(),
        http: Http::new(surroundings).credential(http::bearer(&settings.api_key)?),
        chat: http::endpoint(base, &["api", "chat"])?,
        embed: http::endpoint(base, &["api", "embed"])?,
        tags: http::endpoint(base, &["api", "tags"])?,
    }))
}

impl Ollama {
    async fn embed(&self, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let mut wanted = Wanted::read(ask)?;
        let body = embed::native(&mut wanted, ask.model);
        let upstream = self.http.post(&self.embed, body.to_string().into(), ask).await?;
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        Ok(embed::answer(wanted, upstream))
    }
}

#[tonic::async_trait]
impl Dialect for Ollama {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let body = request::native(&request, &ask, &self.surroundings, &mut dropped).await?;
        let upstream = self.http.post(&self.chat, body.to_string().into(), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        let face = self.surroundings.face(ask.model);
        let ids = self.surroundings.ids.clone();
        if ask.peek.stream {
            let chunks = Chunks::new(face, ask.peek.include_usage);
            return Ok(translated(upstream, Framing::Lines, answer::Lines::new(ids), chunks));
        }
        Ok(translate::whole(upstream, move |response| answer::write(&face, response, &ids)))
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
        struct Tags {
            models: Vec<Tag>,
        }
        #[derive(Deserialize)]
        struct Tag {
            name: String,
            modified_at: Option<String>,
        }
        let Tags { models } = self.http.list(&self.tags, timers).await?;
        let created = |at: Option<String>| DateTime::parse_from_rfc3339(&at?).ok().map(|at| at.timestamp());
        let listed = |tag: Tag| Listed { id: tag.name, created: created(tag.modified_at).unwrap_or(0).max(0) };
        Ok(models.into_iter().map(listed).collect())
    }
}

/// `{"error":"model 'x' not found"}`.
fn said(body: &Value) -> Option<Said> {
    Some(Said { message: body["error"].as_str()?.to_owned(), ..Said::default() })
}
