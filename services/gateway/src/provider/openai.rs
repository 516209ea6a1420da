//! Any server that speaks as OpenAI does. The client's bytes go through untouched, but for the splice.

use super::{
    Ask, Dialect, Fault, FaultKind, Kind, Listed, Opened, Surroundings, Upstream,
    http::{self, Http, Sent},
};
use crate::{
    config::Timers,
    operation::{Events, Operation},
    wire::splice::{Changes, splice},
};
use ::http::Uri;
use bytes::Bytes;
use proto::{provider::How, workspace::OpenProvider};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

struct OpenAi {
    http: Http,
    base: String,
    chat: Uri,
    models: Uri,
    include_usage: bool,
    native: Vec<Native>,
    /// It is OpenAI's own server.
    is_openai: bool,
    /// What this kind calls by another name.
    renames: Vec<(&'static str, &'static str)>,
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

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let options: Options = http::options(settings)?;
    let base = http::base_url(kind, settings)?;
    let is_openai = base.starts_with("https://api.openai.com/");
    let native = if is_openai { vec![Native::Responses, Native::Completions] } else { vec![Native::Completions] };
    Ok(Box::new(OpenAi {
        http: Http::new(surroundings).credential(http::bearer(&settings.api_key)?),
        base: base.to_owned(),
        chat: http::endpoint(base, &["chat", "completions"])?,
        models: http::endpoint(base, &["models"])?,
        include_usage: options.include_usage,
        native: options.native.unwrap_or(native),
        is_openai,
        renames: kind.fields.iter().filter(|f| f.how == How::Mapped).map(|f| (f.name, f.note)).collect(),
    }))
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
            Operation::Generate | Operation::Ollama => false,
            _ => true,
        }
    }

    async fn call(&self, operation: Operation, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let has_usage_option = operation.events() == Events::Chunks;
        let changes = Changes {
            model: (ask.model != ask.peek.model).then_some(ask.model),
            include_usage: has_usage_option && ask.peek.stream && !ask.peek.include_usage && self.include_usage,
        };
        let mut body = splice(ask.body, ask.peek, changes);
        let other;
        let uri = if operation == Operation::Chat {
            for (from, to) in &self.renames {
                body = renamed(body, from, to);
            }
            &self.chat
        } else {
            let uri = http::endpoint(&self.base, operation.path());
            other = uri.map_err(|why| Fault::new(FaultKind::Unreachable(why)))?;
            &other
        };
        let accept = match operation {
            Operation::Speech | Operation::Transcriptions => "*/*",
            _ if ask.peek.stream => "text/event-stream",
            _ => "application/json",
        };
        // A server that speaks Anthropic's language is told which of it.
        let headers = (operation == Operation::Messages).then_some(ask.headers);
        let sent = Sent { body, content_type: ask.content_type, accept, headers };
        let upstream = self.http.call(uri, sent, &ask).await?;
        Ok(Upstream { spliced_usage: changes.include_usage, ..upstream })
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        self.http.list::<List>(&self.models, timers).await.map(listed)
    }
}

/// What `GET /models` answers.
#[derive(Deserialize)]
pub(super) struct List {
    data: Vec<Entry>,
}
#[derive(Deserialize)]
struct Entry {
    id: String,
    created: Option<i64>,
}

pub(super) fn listed(list: List) -> Vec<Listed> {
    list.data.into_iter().map(|m| Listed { id: m.id, created: m.created.unwrap_or(0).max(0) }).collect()
}

/// The body with the field `from` under the name `to`; every other byte stays. A client that sent both knows better.
fn renamed(body: Bytes, from: &str, to: &str) -> Bytes {
    let place = serde_json::from_slice::<BTreeMap<String, &RawValue>>(&body).ok().and_then(|fields| {
        let value = fields.get(from).filter(|_| !fields.contains_key(to))?;
        let value = value.get().as_ptr() as usize - body.as_ptr() as usize;
        let before = body[..value].trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
        let start = before.strip_suffix(format!("\"{from}\"").as_bytes())?.len();
        Some(start..before.len())
    });
    match place {
        None => body,
        Some(at) => [&body[..at.start], format!("\"{to}\"").as_bytes(), &body[at.end..]].concat().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_gets_its_other_name_and_nothing_else_changes() {
        let rename = |body: &'static str| renamed(Bytes::from_static(body.as_bytes()), "a", "b");
        assert_eq!(rename("{ \"x\":1.50, \"a\" :\n 7 }"), "{ \"x\":1.50, \"b\" :\n 7 }");
        for same in ["{\"x\":{\"a\":1}}", "{\"a\":1,\"b\":2}", "{\"x\":\"\\\"a\\\":1\"}"] {
            assert_eq!(rename(same), same);
        }
    }
}
