//! Cohere's chat, second version (`POST /v2/chat`).

mod answer;
mod embed;
mod events;
mod request;
mod rerank;

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
use proto::workspace::OpenProvider;
use serde::Deserialize;
use serde_json::Value;

struct Cohere {
    kind: &'static Kind,
    surroundings: Surroundings,
    http: Http,
    chat: Uri,
    embed: Uri,
    rerank: Uri,
    models: Uri,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    // People write the address with either version, or that of the OpenAI face.
    let base = http::base_url(kind, settings)?.trim_end_matches('/');
    let base = base.trim_end_matches("/v1").trim_end_matches("/v2").trim_end_matches("/compatibility");
    Ok(Box::new(Cohere {
        kind,
        surroundings: surroundings.clone(),
        http: Http::new(surroundings).credential(http::bearer(&settings.api_key)?),
        chat: http::endpoint(base, &["v2", "chat"])?,
        embed: http::endpoint(base, &["v2", "embed"])?,
        rerank: http::endpoint(base, &["v2", "rerank"])?,
        models: http::endpoint(&format!("{base}?page_size=1000"), &["v1", "models"])?,
    }))
}

impl Cohere {
    async fn embed(&self, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let mut wanted = Wanted::read(ask)?;
        let body = embed::native(&mut wanted, ask.model);
        let upstream = self.http.post(&self.embed, body.to_string().into(), ask).await?;
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        Ok(embed::answer(wanted, upstream))
    }

    async fn rerank(&self, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let (body, ranked) = rerank::native(ask)?;
        let upstream = self.http.post(&self.rerank, body.to_string().into(), ask).await?;
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        Ok(rerank::answer(ranked, upstream))
    }
}

#[tonic::async_trait]
impl Dialect for Cohere {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let body = request::native(&request, &ask, &mut dropped)?;
        let upstream = self.http.post(&self.chat, body.to_string().into(), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        let face = self.surroundings.face(ask.model);
        if ask.peek.stream {
            let chunks = Chunks::new(face, ask.peek.include_usage);
            return Ok(translated(upstream, Framing::Events, events::Events::default(), chunks));
        }
        Ok(translate::whole(upstream, move |response| answer::write(face, response)))
    }

    fn takes(&self, operation: Operation, _: &str) -> bool {
        matches!(operation, Operation::Chat | Operation::Embeddings | Operation::Rerank)
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        match operation {
            Operation::Chat => self.chat(ask).await,
            Operation::Embeddings => self.embed(&ask).await,
            Operation::Rerank => self.rerank(&ask).await,
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
        Ok(models.into_iter().map(|m| Listed { id: m.name, created: 0 }).collect())
    }
}

/// `{"message":…}`.
fn said(body: &Value) -> Option<Said> {
    Some(Said { message: body["message"].as_str()?.to_owned(), ..Said::default() })
}
