//! Mistral's chat completions: OpenAI's in most words, and strict: a field that it does not know is refused.

use super::{
    Ask, Dialect, Fault, FaultKind, Kind, Listed, Opened, Surroundings, Upstream, http,
    http::Http,
    openai::{List, listed},
    screen,
    translate::{
        self,
        answer::{Chunks, Finish},
        request::{Content, Message, Part, Request, Role},
        similar::{self, Ways},
        stream::{Framing, translated},
    },
};
use crate::{config::Timers, operation::Operation};
use ::http::Uri;
use proto::workspace::OpenProvider;
use serde_json::{Map, Value, json};

/// Fields that are sent as the client wrote them.
const PASSED: &[&str] = &[
    "temperature",
    "top_p",
    "stop",
    "response_format",
    "tool_choice",
    "presence_penalty",
    "frequency_penalty",
    "logprobs",
    "top_logprobs",
    "n",
    "prediction",
    "parallel_tool_calls",
    "reasoning_effort",
    "metadata",
    "prompt_cache_key",
    "prompt_mode",
    "safe_prompt",
    "guardrails",
    "top_k",
    "min_tokens",
    "repetition_penalty",
];

/// Fields of requests for embeddings that it knows.
const EMBEDDING: &[&str] = &["model", "input", "output_dimension", "output_dtype", "encoding_format", "metadata"];

struct Mistral {
    kind: &'static Kind,
    surroundings: Surroundings,
    http: Http,
    chat: Uri,
    embeddings: Uri,
    models: Uri,
}

pub(super) fn open(kind: &'static Kind, settings: &OpenProvider, surroundings: &Surroundings) -> Opened {
    let base = http::base_url(kind, settings)?;
    Ok(Box::new(Mistral {
        kind,
        surroundings: surroundings.clone(),
        http: Http::new(surroundings).credential(http::bearer(&settings.api_key)?),
        chat: http::endpoint(base, &["chat", "completions"])?,
        embeddings: http::endpoint(base, &["embeddings"])?,
        models: http::endpoint(base, &["models"])?,
    }))
}

impl Mistral {
    /// Answered as OpenAI does; asked with other names, and nothing that it does not know.
    async fn embed(&self, ask: &Ask<'_>) -> Result<Upstream, Fault> {
        let mut asked: Map<String, Value> = serde_json::from_slice(ask.body)
            .map_err(|_| Fault::invalid("input", "must be a text or an array of texts"))?;
        if let Some(dimensions) = asked.remove("dimensions").filter(|dimensions| !dimensions.is_null()) {
            asked.entry("output_dimension").or_insert(dimensions);
        }
        asked.insert("model".to_owned(), ask.model.into());
        let (sent, others): (Map<_, _>, Map<_, _>) =
            asked.into_iter().partition(|(name, _)| EMBEDDING.contains(&name.as_str()));
        let upstream = self.http.post(&self.embeddings, Value::Object(sent).to_string().into(), ask).await?;
        Ok(Upstream { dropped: others.into_iter().map(|(name, _)| name).collect(), ..upstream })
    }
}

#[tonic::async_trait]
impl Dialect for Mistral {
    async fn chat(&self, ask: Ask<'_>) -> Result<Upstream, Fault> {
        let mut dropped = screen::screen(self.kind, ask.body)?;
        let request = Request::read(&ask)?;
        let body = native(&request, &ask, &mut dropped)?;
        let upstream = self.http.post(&self.chat, body.to_string().into(), &ask).await?;
        let upstream = Upstream { dropped, ..upstream };
        if !(200..300).contains(&upstream.status) {
            return Ok(upstream);
        }
        let ways = Ways { finish, memory: None };
        let face = self.surroundings.face(ask.model);
        if ask.peek.stream {
            let chunks = Chunks::new(face, ask.peek.include_usage);
            return Ok(translated(upstream, Framing::Events, similar::Events::new(ways), chunks));
        }
        Ok(translate::whole(upstream, move |answer| similar::write(face, answer, &ways)))
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
        self.http.list::<List>(&self.models, timers).await.map(listed)
    }
}

fn native(request: &Request, ask: &Ask<'_>, dropped: &mut Vec<String>) -> Result<Value, Fault> {
    let sent: Map<String, Value> =
        serde_json::from_slice(ask.body).map_err(|_| Fault::invalid("body", "must be a JSON object"))?;
    let passes = |(name, value): &(String, Value)| PASSED.contains(&name.as_str()) && !value.is_null();
    let mut body: Map<String, Value> = sent.into_iter().filter(passes).collect();
    body.insert("model".to_owned(), ask.model.into());
    if ask.peek.stream {
        body.insert("stream".to_owned(), true.into());
    }
    if let Some(max) = request.max_output() {
        body.insert("max_tokens".to_owned(), max.into());
    }
    if let Some(seed) = &request.seed {
        body.insert("random_seed".to_owned(), seed.clone().into());
    }
    let mut tools = Vec::new();
    for (function, mark) in request.functions()? {
        let mut native = json!({"name": function.name, "parameters": function.parameters.clone().unwrap_or_else(|| json!({"type": "object", "properties": {}}))});
        if let Some(description) = &function.description {
            native["description"] = description.clone().into();
        }
        if let Some(strict) = function.strict {
            native["strict"] = strict.into();
        }
        lose(mark.is_some(), "messages.cache_control", dropped);
        tools.push(json!({"type": "function", "function": native}));
    }
    if !tools.is_empty() {
        body.insert("tools".to_owned(), tools.into());
    }
    let mut messages = Vec::with_capacity(request.messages.len());
    for (at, message) in request.messages.iter().enumerate() {
        let marked = message.cache_control.is_some() || message.parts().iter().any(|part| part.cache_control.is_some());
        lose(marked, "messages.cache_control", dropped);
        lose(message.name.is_some() && message.role != Role::Tool, "messages.name", dropped);
        messages.push(self::message(message, at)?);
    }
    body.insert("messages".to_owned(), messages.into());
    Ok(Value::Object(body))
}

fn lose(is_lost: bool, name: &str, dropped: &mut Vec<String>) {
    if is_lost && !dropped.iter().any(|known| known == name) {
        dropped.push(name.to_owned());
    }
}

fn message(message: &Message, at: usize) -> Result<Value, Fault> {
    Ok(match message.role {
        Role::System | Role::Developer => json!({"role": "system", "content": message.text(at)?}),
        Role::User => json!({"role": "user", "content": content(message, at)?}),
        Role::Tool | Role::Function => {
            let id = message.tool_call_id.as_deref().unwrap_or_default();
            let mut out = json!({"role": "tool", "tool_call_id": short(id), "content": content(message, at)?});
            if let Some(name) = &message.name {
                out["name"] = name.clone().into();
            }
            out
        }
        Role::Assistant => {
            let text = message.text(at)?;
            let content = match &message.reasoning_content {
                Some(thought) => json!([
                    {"type": "thinking", "thinking": [{"type": "text", "text": thought}]}, {"type": "text", "text": text}]),
                None => text.into(),
            };
            let mut out = json!({"role": "assistant", "content": content});
            let mut calls = Vec::new();
            for (index, call) in message.tool_calls.iter().enumerate() {
                let arguments = Value::Object(message.arguments(at, index)?).to_string();
                let id = short(call.id.as_deref().unwrap_or_default());
                calls.push(json!({"id": id, "type": "function", "function": {"name": call.function.name, "arguments": arguments}}));
            }
            if !calls.is_empty() {
                out["tool_calls"] = calls.into();
            }
            out
        }
    })
}

fn content(message: &Message, at: usize) -> Result<Value, Fault> {
    Ok(match &message.content {
        None => "".into(),
        Some(Content::Text(text)) => text.clone().into(),
        Some(Content::Parts(parts)) => {
            let parts: Result<Vec<Value>, Fault> =
                parts.iter().enumerate().map(|(index, part)| self::part(part, at, index)).collect();
            parts?.into()
        }
    })
}

fn part(part: &Part, at: usize, index: usize) -> Result<Value, Fault> {
    let field = |name: &str| format!("messages[{at}].content[{index}].{name}");
    Ok(match (part.kind.as_str(), &part.image_url, &part.input_audio, &part.file) {
        ("text", ..) => json!({"type": "text", "text": part.text}),
        ("image_url", Some(url), ..) => json!({"type": "image_url", "image_url": url}),
        ("input_audio", _, Some(audio), _) => json!({"type": "input_audio", "input_audio": audio.data}),
        ("file", .., Some(file)) => {
            let url = file.file_data.as_ref();
            let url = url.ok_or_else(|| Fault::unsupported(field("file.file_data"), "is required by this provider"))?;
            let mut document = json!({"type": "document_url", "document_url": url});
            if let Some(name) = &file.filename {
                document["document_name"] = name.clone().into();
            }
            document
        }
        _ => return Err(part.unsupported(at, index)),
    })
}

/// Ids of tool calls have nine letters and digits there. Those of others are shortened, the same one always alike.
fn short(id: &str) -> String {
    const LENGTH: usize = 9;
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    if id.len() == LENGTH && id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return id.to_owned();
    }
    // FNV-1a: the same in every process and release.
    let hash =
        id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    let digit = |at: usize| LETTERS[(hash >> (at * 6)) as usize % LETTERS.len()] as char;
    (0..LENGTH).map(digit).collect()
}

fn finish(reason: &str) -> Result<Finish, Fault> {
    Ok(match reason {
        "length" | "model_length" => Finish::Length,
        "tool_calls" => Finish::ToolCalls,
        "error" => {
            let said = "the model ended with an error".to_owned();
            return Err(Fault { may_have_worked: true, ..Fault::new(FaultKind::Reported(said)) });
        }
        _ => Finish::Stop,
    })
}
