//! Cohere's chat, second version (`POST /v2/chat`).

mod answer;
mod events;
mod request;

use super::{
    Ask, Dialect, Fault, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::Http,
    screen,
    translate::{
        self,
        answer::Chunks,
        refusal::{self, Said},
        request::Request,
        stream::{Framing, translated},
    },
};
use crate::config::Timers;
use ::http::Uri;
use proto::workspace::OpenProvider;
use serde::Deserialize;
use serde_json::Value;

struct Cohere {
    kind: &'static Kind,
    surroundings: Surroundings,
    http: Http,
    chat: Uri,
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
        models: http::endpoint(&format!("{base}?page_size=1000"), &["v1", "models"])?,
    }))
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
