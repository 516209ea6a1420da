//! Anthropic's Messages API (`POST /v1/messages`, version 2023-06-01).

mod answer;
mod effort;
mod events;
mod messages;
mod request;

use super::{
    Ask, Dialect, Fault, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::{Http, Sent},
    screen,
    translate::{
        self,
        refusal::{self, Said},
        request::Request,
        stream::{Framing, translated},
    },
};
use crate::{
    config::Timers,
    operation::Operation,
    wire::splice::{Changes, splice},
};
use ::http::{HeaderName, HeaderValue, Uri};
use bytes::Bytes;
use chrono::DateTime;
use proto::workspace::OpenProvider;
use serde::Deserialize;
use serde_json::Value;

const VERSION: HeaderValue = HeaderValue::from_static("2023-06-01");
/// How many models are listed at once, which is the most that there can be.
const LIST: &str = "limit=1000";

struct Anthropic {
    kind: &'static Kind,
    surroundings: Surroundings,
    provider: String,
    http: Http,
    messages: Uri,
    count: Uri,
    models: Uri,
    options: Options,
}

/// Settings of this kind: the provider's `options`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Options {
    /// Sent where the client sets no limit, because this API takes no request without one.
    max_tokens: Option<i64>,
    /// Features that are in beta: the header `anthropic-beta`.
    beta: Vec<String>,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let options: Options = http::options(settings)?;
    // People write the address with and without the version.
    let base = http::base_url(kind, settings)?.trim_end_matches('/').trim_end_matches("/v1");
    let mut models = url::Url::parse(base).map_err(|_| "its base_url is not a URL that can be called".to_owned())?;
    models.set_query(Some(LIST));
    let key = HeaderName::from_static("x-api-key");
    let mut http = Http::new(surroundings)
        .credential(http::secret(key, &settings.api_key)?)
        .header(HeaderName::from_static("anthropic-version"), VERSION);
    if !options.beta.is_empty() {
        let beta = HeaderValue::from_str(&options.beta.join(","));
        let beta = beta.map_err(|_| "its options.beta has characters that no header can carry".to_owned())?;
        http = http.header(HeaderName::from_static("anthropic-beta"), beta);
    }
    Ok(Box::new(Anthropic {
        kind,
        surroundings: surroundings.clone(),
        provider: settings.id.clone(),
        http,
        messages: http::endpoint(base, &["v1", "messages"])?,
        count: http::endpoint(base, &["v1", "messages", "count_tokens"])?,
        models: http::endpoint(models.as_str(), &["v1", "models"])?,
        options,
    }))
}

#[tonic::async_trait]
impl Dialect for Anthropic {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let context = request::Context {
            model: ask.model,
            stream: ask.peek.stream,
            max_tokens: self.options.max_tokens,
            recall: &self.surroundings.recall,
            provider: &self.provider,
        };
        let body = request::native(&request, &context, &mut dropped)?;
        let upstream = self.http.post(&self.messages, Bytes::from(body.to_string()), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(refusal::translated(upstream, said));
        }
        let memory = answer::Memory { recall: self.surroundings.recall.clone(), provider: self.provider.clone() };
        let face = self.surroundings.face(ask.model);
        if ask.peek.stream {
            let chunks = translate::answer::Chunks::new(face, ask.peek.include_usage);
            return Ok(translated(upstream, Framing::Events, events::Events::new(memory), chunks));
        }
        Ok(translate::whole(upstream, move |message| Ok(answer::write(face, message, &memory))))
    }

    /// A client that speaks Anthropic's language is passed on as it is.
    fn takes(&self, operation: Operation, _: &str) -> bool {
        matches!(operation, Operation::Chat | Operation::Messages | Operation::CountTokens)
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let uri = match operation {
            Operation::Chat => return self.chat(ask).await,
            Operation::Messages => &self.messages,
            Operation::CountTokens => &self.count,
            other => return Err(Fault::not_offered(other)),
        };
        let changes = Changes { model: (ask.model != ask.peek.model).then_some(ask.model), include_usage: false };
        let accept = if ask.peek.stream { "text/event-stream" } else { "application/json" };
        let body = splice(ask.body, ask.peek, changes);
        let sent = Sent { body, content_type: ask.content_type, accept, headers: Some(ask.headers) };
        self.http.call(uri, sent, &ask).await
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: String,
            created_at: Option<String>,
        }
        let List { data } = self.http.list(&self.models, timers).await?;
        let created = |at: Option<String>| DateTime::parse_from_rfc3339(&at?).ok().map(|at| at.timestamp());
        Ok(data.into_iter().map(|m| Listed { id: m.id, created: created(m.created_at).unwrap_or(0).max(0) }).collect())
    }
}

/// `{"type":"error","error":{"type":…,"message":…}}`.
fn said(body: &Value) -> Option<Said> {
    let error = &body["error"];
    let message = error["message"].as_str()?.to_owned();
    Some(Said { message, code: error["type"].as_str().unwrap_or_default().to_owned(), ..Said::default() })
}

/// The status that an error within a stream would have had.
fn status_of(kind: &str) -> u16 {
    match kind {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}
