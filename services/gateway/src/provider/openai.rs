//! Any server that speaks as OpenAI does. The client's bytes go through untouched, but for the splice.

use super::{Ask, Body, Dialect, Fault, FaultKind, Kind, Listed, Surroundings, Upstream, retry_after};
use crate::{
    config::Timers,
    operation::{Events, Operation},
    wire::splice::{Changes, splice},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use proto::workspace::OpenProvider;
use serde::Deserialize;
use url::Url;

pub(super) const KIND: Kind =
    Kind { name: "openai", free: false, takes_any_model: true, open: |p, s| Ok(Box::new(OpenAi::open(p, s)?)) };

const DEFAULT_BASE_URL: &str = "https://api.openai.com/v1";
/// The longest list of models that is read.
const MAX_LIST_BYTES: usize = 4 * 1024 * 1024;

struct OpenAi {
    client: egress::Client,
    clock: host::Clock,
    base: String,
    chat: Uri,
    models: Uri,
    /// Marked as sensitive, so that it cannot be printed.
    authorization: Option<HeaderValue>,
    include_usage: bool,
    native: Vec<Native>,
    /// It is OpenAI's own server.
    is_openai: bool,
}

/// Settings of this kind: the provider's `options`.
#[derive(Deserialize)]
#[serde(default)]
struct Options {
    /// Ask for the usage of streams. To be switched off for servers that refuse `stream_options`.
    include_usage: bool,
    /// What the server has beside chat completions, of what could be asked as chat completions too.
    native: Option<Vec<Native>>,
}

/// An operation that some servers of this kind have, and others have not.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Native {
    Responses,
    Completions,
    Messages,
}

impl Default for Options {
    fn default() -> Self {
        Self { include_usage: true, native: None }
    }
}

impl OpenAi {
    fn open(settings: &OpenProvider, surroundings: &Surroundings) -> Result<Self, String> {
        let options = match settings.options_json.as_str() {
            "" => Options::default(),
            json => serde_json::from_str(json).map_err(|_| "its options are not of the form that this kind takes")?,
        };
        let base = if settings.base_url.is_empty() { DEFAULT_BASE_URL } else { &settings.base_url };
        let is_openai = base == DEFAULT_BASE_URL || base.starts_with("https://api.openai.com/");
        let native = if is_openai { vec![Native::Responses, Native::Completions] } else { vec![Native::Completions] };
        Ok(Self {
            native: options.native.unwrap_or(native),
            is_openai,
            base: base.to_owned(),
            client: surroundings.client.clone(),
            clock: surroundings.clock.clone(),
            chat: endpoint(base, &["chat", "completions"])?,
            models: endpoint(base, &["models"])?,
            authorization: authorization(&settings.api_key)?,
            include_usage: options.include_usage,
        })
    }

    fn request(&self, method: Method, uri: &Uri, body: Bytes) -> Request<Bytes> {
        let mut request = Request::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = uri.clone();
        let headers = request.headers_mut();
        headers.insert(header::USER_AGENT, HeaderValue::from_static(concat!("perpetuo/", env!("CARGO_PKG_VERSION"))));
        if let Some(authorization) = &self.authorization {
            headers.insert(header::AUTHORIZATION, authorization.clone());
        }
        request
    }

    async fn send(&self, request: Request<Bytes>, timers: Timers) -> Result<Upstream, Fault> {
        let deadlines =
            egress::Deadlines { connect: timers.connect, first_byte: timers.first_byte, total: Some(timers.total) };
        let response = self.client.send(request, &deadlines).await.map_err(before_the_head)?;
        let content_type = text_of(&response, header::CONTENT_TYPE);
        let retry_after = retry_after::read(response.headers(), self.clock.now());
        let status = response.status().as_u16();
        let body = Body::http(response.into_body(), timers);
        Ok(Upstream { status, content_type, retry_after, spliced_usage: false, body })
    }
}

#[tonic::async_trait]
impl Dialect for OpenAi {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        self.call(Operation::Chat, ask).await
    }

    fn takes(&self, operation: Operation, _: &str) -> bool {
        match operation {
            Operation::Responses => self.native.contains(&Native::Responses),
            Operation::Completions => self.native.contains(&Native::Completions),
            Operation::Messages | Operation::CountTokens => self.native.contains(&Native::Messages),
            // Servers beside OpenAI's have it where it is known by now.
            Operation::Rerank => !self.is_openai,
            _ => true,
        }
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let has_usage_option = operation.events() == Events::Chunks;
        let changes = Changes {
            model: (ask.model != ask.peek.model).then_some(ask.model),
            include_usage: has_usage_option && ask.peek.stream && !ask.peek.include_usage && self.include_usage,
        };
        let body = splice(ask.body, ask.peek, changes);
        let mut request = match operation {
            Operation::Chat => self.request(Method::POST, &self.chat, body),
            other => {
                let uri = endpoint(&self.base, other.path()).map_err(|why| Fault::new(FaultKind::Unreachable(why)))?;
                self.request(Method::POST, &uri, body)
            }
        };
        let accept = match operation {
            Operation::Speech | Operation::Transcriptions => "*/*",
            _ if ask.peek.stream => "text/event-stream",
            _ => "application/json",
        };
        let headers = request.headers_mut();
        let content_type = HeaderValue::from_str(ask.content_type).ok().filter(|value| !value.is_empty());
        headers.insert(header::CONTENT_TYPE, content_type.unwrap_or(HeaderValue::from_static("application/json")));
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
        // A server that speaks Anthropic's language is told which of it.
        for (name, value) in ask.headers.iter().filter(|_| operation == Operation::Messages) {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        }
        if let Some(trace) = ask.trace.and_then(|t| HeaderValue::from_str(t).ok()) {
            headers.insert("traceparent", trace);
        }
        let upstream = self.send(request, ask.timers).await?;
        Ok(Upstream { spliced_usage: changes.include_usage, ..upstream })
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        let mut request = self.request(Method::GET, &self.models, Bytes::new());
        request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        let upstream = self.send(request, timers).await?;
        if let Some(fault) = Fault::of_status(upstream.status, upstream.retry_after) {
            return Err(fault);
        }
        let status = upstream.status;
        let body = upstream.body.collect(MAX_LIST_BYTES).await.map_err(|f| f.with_status(status))?;
        let list: List = serde_json::from_slice(&body)
            .map_err(|_| Fault::malformed("GET /models is no list of models").with_status(status))?;
        Ok(list.data.into_iter().map(|m| Listed { id: m.id, created: m.created.unwrap_or(0).max(0) }).collect())
    }
}

#[derive(Deserialize)]
struct List {
    data: Vec<Entry>,
}
#[derive(Deserialize)]
struct Entry {
    id: String,
    created: Option<i64>,
}

fn before_the_head(error: egress::Error) -> Fault {
    match error {
        egress::Error::Closed => Fault {
            may_have_worked: true,
            ..Fault::new(FaultKind::Unreachable("it closed the connection without an answer".to_owned()))
        },
        other => other.into(),
    }
}

fn text_of<B>(response: &Response<B>, name: header::HeaderName) -> String {
    response.headers().get(name).and_then(|v| v.to_str().ok()).unwrap_or_default().to_owned()
}

/// The base URL with a path added, before its query if it has one.
fn endpoint(base: &str, path: &[&str]) -> Result<Uri, String> {
    let wrong = || "its base_url is not a URL that can be called".to_owned();
    let mut url = Url::parse(base).map_err(|_| wrong())?;
    url.path_segments_mut().map_err(|()| wrong())?.pop_if_empty().extend(path);
    url.set_fragment(None);
    url.as_str().parse().map_err(|_| wrong())
}

fn authorization(api_key: &str) -> Result<Option<HeaderValue>, String> {
    if api_key.is_empty() {
        return Ok(None);
    }
    let value = HeaderValue::try_from(format!("Bearer {api_key}"));
    let mut value = value.map_err(|_| "its api_key has characters that no header can carry".to_owned())?;
    value.set_sensitive(true);
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_added_to_whatever_base_url_a_person_typed() {
        let chat = |base| endpoint(base, &["chat", "completions"]).map(|u| u.to_string());
        assert_eq!(chat("http://h:1/v1").as_deref(), Ok("http://h:1/v1/chat/completions"));
        assert_eq!(chat("http://h:1/v1/").as_deref(), Ok("http://h:1/v1/chat/completions"));
        assert_eq!(chat("http://h").as_deref(), Ok("http://h/chat/completions"));
        assert_eq!(chat("https://h/o?api-version=1").as_deref(), Ok("https://h/o/chat/completions?api-version=1"));
        assert!(chat("mailto:a@b").is_err());
    }

    #[test]
    fn a_credential_cannot_be_printed() {
        let value = authorization("sk-secret").expect("a header").expect("a value");
        assert!(!format!("{value:?}").contains("secret"));
        assert!(authorization("sk\nsecret").is_err_and(|e| !e.contains("secret")));
    }
}
