//! DeepSeek: OpenAI's chat completions without some of its fields, and with thinking that has to come back with the tool
//! calls that it led to.

use super::{
    Ask, Dialect, Fault, FaultKind, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::Http,
    openai::{List, listed},
    screen,
    translate::{
        self,
        answer::{Chunks, Finish},
        request::{Message, Request, ResponseFormat, Role},
        similar::{self, Ways},
        stream::{Framing, translated},
    },
};
use crate::config::Timers;
use ::http::Uri;
use proto::workspace::OpenProvider;
use serde_json::{Map, Value, json};

struct DeepSeek {
    kind: &'static Kind,
    surroundings: Surroundings,
    provider: String,
    http: Http,
    chat: Uri,
    models: Uri,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let base = http::base_url(kind, settings)?;
    Ok(Box::new(DeepSeek {
        kind,
        surroundings: surroundings.clone(),
        provider: settings.id.clone(),
        http: Http::new(surroundings).credential(http::bearer(&settings.api_key)?),
        chat: http::endpoint(base, &["chat", "completions"])?,
        models: http::endpoint(base, &["models"])?,
    }))
}

#[tonic::async_trait]
impl Dialect for DeepSeek {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let body = self.native(&request, &ask, &mut dropped)?;
        let upstream = self.http.post(&self.chat, body.to_string().into(), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(upstream);
        }
        let ways = Ways { finish, memory: Some((self.surroundings.recall.clone(), self.provider.clone())) };
        let face = self.surroundings.face(ask.model);
        if ask.peek.stream {
            let chunks = Chunks::new(face, ask.peek.include_usage);
            return Ok(translated(upstream, Framing::Events, similar::Events::new(ways), chunks));
        }
        Ok(translate::whole(upstream, move |answer| similar::write(face, answer, &ways)))
    }

    async fn models(&self, timers: Timers) -> Result<Vec<Listed>, Fault> {
        self.http.list::<List>(&self.models, timers).await.map(listed)
    }
}

impl DeepSeek {
    fn native(&self, request: &Request, ask: &Ask<'_>, dropped: &mut Vec<String>) -> Result<Value, Fault> {
        let sent: Map<String, Value> =
            serde_json::from_slice(ask.body).map_err(|_| Fault::invalid("body", "must be a JSON object"))?;
        let gone = |name: &String| dropped.contains(name) || name == "max_completion_tokens";
        let mut body: Map<String, Value> =
            sent.into_iter().filter(|(name, value)| !gone(name) && !value.is_null()).collect();
        body.insert("model".to_owned(), ask.model.into());
        if let Some(max) = request.max_output() {
            body.insert("max_tokens".to_owned(), max.into());
        }
        if ask.peek.stream {
            body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        }
        if request.reasoning_effort.as_deref() == Some("none") {
            body.remove("reasoning_effort");
            body.insert("thinking".to_owned(), json!({"type": "disabled"}));
        }
        for tool in body.get_mut("tools").and_then(Value::as_array_mut).into_iter().flatten() {
            let mark = tool.as_object_mut().and_then(|tool| tool.remove("cache_control"));
            lose(mark.is_some(), dropped);
        }
        let mut messages = Vec::with_capacity(request.messages.len() + 1);
        for (at, message) in request.messages.iter().enumerate() {
            let parts = message.parts();
            lose(message.cache_control.is_some() || parts.iter().any(|part| part.cache_control.is_some()), dropped);
            messages.push(self.message(message, at)?);
        }
        if let Some(ResponseFormat::JsonSchema { json_schema }) = &request.response_format {
            // It knows JSON, and no schemas: the schema becomes an instruction.
            body.insert("response_format".to_owned(), json!({"type": "json_object"}));
            let schema = json_schema.schema.as_ref().map(Value::to_string).unwrap_or_default();
            let text =
                format!("Answer with one JSON object that is valid by this JSON Schema, and nothing else: {schema}");
            messages.insert(0, json!({"role": "system", "content": text}));
        }
        body.insert("messages".to_owned(), messages.into());
        Ok(Value::Object(body))
    }

    fn message(&self, message: &Message, at: usize) -> Result<Value, Fault> {
        let role = match message.role {
            Role::System | Role::Developer => "system",
            Role::User => "user",
            Role::Assistant => "assistant",
            Role::Tool | Role::Function => "tool",
        };
        let mut out = json!({"role": role, "content": message.text(at)?});
        for (name, value) in [("name", &message.name), ("tool_call_id", &message.tool_call_id)] {
            if let Some(value) = value {
                out[name] = value.clone().into();
            }
        }
        if message.tool_calls.is_empty() {
            return Ok(out);
        }
        let mut calls = Vec::new();
        for (index, call) in message.tool_calls.iter().enumerate() {
            let arguments = Value::Object(message.arguments(at, index)?).to_string();
            calls.push(json!({"id": call.id, "type": "function", "function": {"name": call.function.name, "arguments": arguments}}));
        }
        out["tool_calls"] = calls.into();
        let kept = || {
            let call = message.tool_calls[0].id.as_deref()?;
            self.surroundings.recall.of(&self.provider, call)
        };
        if let Some(thought) = message.reasoning_content.clone().map(Value::from).or_else(kept) {
            out["reasoning_content"] = thought;
        }
        Ok(out)
    }
}

/// Caching is automatic there.
fn lose(is_marked: bool, dropped: &mut Vec<String>) {
    let name = "messages.cache_control";
    if is_marked && !dropped.iter().any(|known| known == name) {
        dropped.push(name.to_owned());
    }
}

fn finish(reason: &str) -> Result<Finish, Fault> {
    Ok(match reason {
        "length" => Finish::Length,
        "tool_calls" => Finish::ToolCalls,
        "content_filter" => Finish::ContentFilter,
        // It gave up in the middle of the answer.
        "insufficient_system_resource" => {
            return Err(Fault { may_have_worked: true, ..Fault::new(FaultKind::Overloaded).with_status(503) });
        }
        _ => Finish::Stop,
    })
}
