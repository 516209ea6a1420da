//! OpenAI's completions of a prompt as a chat completion: the prompt is what the user says.

use super::{Teller, chunk::Chunk};
use crate::{Error, provider::fault::Fault, wire::usage};
use proto::usage::Tokens;
use serde_json::{Map, Value, json};

/// What both have, under the same name.
const SAME: &[&str] = &[
    "model",
    "temperature",
    "top_p",
    "n",
    "stop",
    "stream",
    "presence_penalty",
    "frequency_penalty",
    "seed",
    "user",
    "logit_bias",
    "simulator",
];
/// What is told in other words.
const TOLD: &[&str] = &["prompt", "max_tokens", "stream_options"];
/// What a chat completion has no words for, and an answer depends on.
const NEEDED: &[&str] = &["suffix", "echo", "best_of"];

/// The chat completion. Errors: the field that it has no words for.
pub(super) fn chat(request: &Value, dropped: &mut Vec<String>) -> Result<Value, Error> {
    let elsewhere = "is not offered by the provider of this model, which is asked for a chat completion";
    let mut chat = Map::new();
    let given = |name: &str| Some(&request[name]).filter(|value| !value.is_null() && **value != false);
    if let Some(name) = NEEDED.iter().find(|name| given(name).is_some_and(|value| *value != 1 && *value != "")) {
        return Err(Error::field(name, elsewhere));
    }
    for name in SAME {
        if let Some(value) = given(name) {
            chat.insert((*name).to_owned(), value.clone());
        }
    }
    // What else there is, a chat completion has no words for, and an answer does not need.
    dropped.extend(super::others(request, &[SAME, TOLD, NEEDED]));
    let prompt = match &request["prompt"] {
        Value::String(text) => text,
        Value::Array(prompts) => match prompts.as_slice() {
            [Value::String(text)] => text,
            _ => return Err(Error::field("prompt", "must be one text: several, and tokens, cannot be told")),
        },
        _ => return Err(Error::field("prompt", "is required")),
    };
    chat.insert("messages".to_owned(), json!([{"role": "user", "content": prompt}]));
    // OpenAI's completions end after so many, where the request does not say.
    let most = given("max_tokens").cloned().unwrap_or_else(|| json!(16));
    chat.insert("max_completion_tokens".to_owned(), most);
    Ok(chat.into())
}

/// What is said of a completion whose provider does not say it.
#[derive(Clone, Default)]
pub(super) struct Face {
    pub include_usage: bool,
    /// Unix seconds.
    pub created: i64,
    /// As the client named it.
    pub model: String,
}

/// A whole completion.
pub(super) fn completion(face: &Face, chat: &Value, used: &Tokens) -> Value {
    let choice = |choice: &Value| {
        let text = choice["message"]["content"].as_str().unwrap_or_default();
        json!({"text": text, "index": choice["index"], "logprobs": null, "finish_reason": reason(&choice["finish_reason"])})
    };
    let choices: Vec<Value> = chat["choices"].as_array().into_iter().flatten().map(choice).collect();
    let created = chat["created"].as_i64().unwrap_or(face.created);
    let model = chat["model"].as_str().unwrap_or(&face.model);
    json!({
        "id": id(chat["id"].as_str()), "object": "text_completion", "created": created, "model": model,
        "choices": choices, "usage": told(used),
    })
}

/// Chunks of a chat completion as those of a completion.
#[derive(Default)]
pub(super) struct Events {
    face: Face,
    id: Option<String>,
    model: Option<String>,
}

impl Events {
    pub(super) fn new(face: Face) -> Self {
        Self { face, ..Self::default() }
    }

    fn write(&self, choices: Vec<Value>, usage: Option<Value>, out: &mut Vec<u8>) {
        let mut chunk = json!({
            "id": id(self.id.as_deref()), "object": "text_completion", "created": self.face.created,
            "model": self.model.as_deref().unwrap_or(&self.face.model),
            "choices": choices,
        });
        if self.face.include_usage {
            chunk["usage"] = usage.unwrap_or_default();
        }
        out.extend_from_slice(format!("data: {chunk}\n\n").as_bytes());
    }
}

impl Teller for Events {
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let chunk = Chunk::read(data)?;
        self.id = self.id.take().or(chunk.id);
        self.model = self.model.take().or(chunk.model);
        for choice in chunk.choices {
            let text = choice.delta.content.unwrap_or_default();
            if text.is_empty() && choice.finish_reason.is_none() {
                continue;
            }
            let reason = reason(&choice.finish_reason.into());
            let choice = json!({"text": text, "index": choice.index, "logprobs": null, "finish_reason": reason});
            self.write(vec![choice], None, out);
        }
        Ok(())
    }

    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>) {
        if self.face.include_usage {
            self.write(vec![], Some(told(used)), out);
        }
        out.extend_from_slice(b"data: [DONE]\n\n");
    }
}

/// Completions know no calls.
fn reason(reason: &Value) -> Value {
    match reason.as_str() {
        Some("length" | "content_filter") => reason.clone(),
        Some(_) => "stop".into(),
        None => Value::Null,
    }
}

fn id(chat: Option<&str>) -> String {
    let chat = chat.unwrap_or_default();
    format!("cmpl-{}", chat.strip_prefix("chatcmpl-").unwrap_or(chat))
}

fn told(used: &Tokens) -> Value {
    let (asked, answered) = usage::sums(used);
    json!({"prompt_tokens": asked, "completion_tokens": answered, "total_tokens": asked + answered})
}
