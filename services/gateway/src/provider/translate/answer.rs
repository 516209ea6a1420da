//! OpenAI's answers, as they are written for a client: a whole one, or chunks of a stream.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// How an answer names itself.
#[derive(Clone, Debug)]
pub(in crate::provider) struct Face {
    pub id: String,
    /// Unix seconds.
    pub created: i64,
    pub model: String,
}

/// Why an answer ends, in OpenAI's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::provider) enum Finish {
    Stop,
    Length,
    ToolCalls,
    ContentFilter,
}

/// What was used.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::provider) enum Usage {
    /// As the provider says it, which is as OpenAI does.
    Reported(Value),
    Counted(Counted),
}

/// Numbers for OpenAI's `usage`. Parts are within their totals.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::provider) struct Counted {
    /// All input.
    pub prompt: i64,
    /// All output, with the thinking.
    pub completion: i64,
    pub cache_read: i64,
    pub cache_write_5m: i64,
    pub cache_write_1h: i64,
    pub audio_input: i64,
    pub image_input: i64,
    pub reasoning: i64,
    pub audio_output: i64,
    pub image_output: i64,
}

impl Usage {
    fn json(&self) -> Value {
        match self {
            Self::Reported(usage) => usage.clone(),
            Self::Counted(counted) => counted.json(),
        }
    }
}

impl Counted {
    fn json(&self) -> Value {
        let mut prompt = json!({"cached_tokens": self.cache_read, "audio_tokens": self.audio_input});
        if self.image_input > 0 {
            prompt["image_tokens"] = self.image_input.into();
        }
        let written = self.cache_write_5m + self.cache_write_1h;
        if written > 0 {
            prompt["cache_write_tokens"] = written.into();
            prompt["cache_creation_token_details"] = json!({
                "ephemeral_5m_input_tokens": self.cache_write_5m, "ephemeral_1h_input_tokens": self.cache_write_1h,
            });
        }
        let mut completion = json!({"reasoning_tokens": self.reasoning, "audio_tokens": self.audio_output});
        if self.image_output > 0 {
            completion["image_tokens"] = self.image_output.into();
        }
        json!({
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt.saturating_add(self.completion),
            "prompt_tokens_details": prompt,
            "completion_tokens_details": completion,
        })
    }
}

/// What a message says, as far as it has come: all of it, or what is new in a chunk.
#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::provider) struct Said {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_content: Option<String>,
    /// Anthropic's, with their signatures: complete blocks, to be sent back as they are.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thinking_blocks: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<Call>,
    /// Pictures as data URLs, as routers of such models show them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub annotations: Vec<Value>,
    /// What belongs to the message and OpenAI has no name for, by provider; to be sent back as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<Value>,
}

/// A tool call, or a part of one.
#[derive(Clone, Debug, Serialize)]
pub(in crate::provider) struct Call {
    /// Chunks name the call that they continue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<&'static str>,
    pub function: Function,
    /// As with messages: `google.thought_signature`, for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra_content: Option<Value>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub(in crate::provider) struct Function {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// JSON, as text.
    pub arguments: String,
}

impl Call {
    /// A whole call, which has arguments even where the model gave none.
    pub(in crate::provider) fn whole(id: String, name: String, arguments: String) -> Self {
        let arguments = if arguments.trim().is_empty() { "{}".to_owned() } else { arguments };
        let function = Function { name: Some(name), arguments };
        Self { index: None, id: Some(id), kind: Some("function"), function, extra_content: None }
    }

    /// The beginning of the `index`-th call of a stream.
    pub(in crate::provider) fn begin(index: usize, id: String, name: String) -> Self {
        let function = Function { name: Some(name), arguments: String::new() };
        Self { index: Some(index), id: Some(id), kind: Some("function"), function, extra_content: None }
    }

    /// More arguments of the `index`-th call.
    pub(in crate::provider) fn more(index: usize, arguments: String) -> Self {
        let function = Function { name: None, arguments };
        Self { index: Some(index), id: None, kind: None, function, extra_content: None }
    }
}

/// One choice of a whole answer.
#[derive(Debug)]
pub(in crate::provider) struct Choice {
    pub index: i64,
    pub said: Said,
    pub finish: Finish,
    pub logprobs: Option<Value>,
}

/// A whole chat completion.
pub(in crate::provider) fn whole(face: &Face, choices: Vec<Choice>, usage: Option<Usage>) -> Bytes {
    let choices: Vec<Value> = choices
        .into_iter()
        .map(|choice| {
            let mut message = match serde_json::to_value(&choice.said) {
                Ok(Value::Object(message)) => message,
                _ => Map::new(),
            };
            message.insert("role".to_owned(), "assistant".into());
            // OpenAI's clients look for them without asking whether they are there.
            message.entry("content").or_insert(Value::Null);
            message.entry("refusal").or_insert(Value::Null);
            json!({"index": choice.index, "message": message, "logprobs": choice.logprobs, "finish_reason": choice.finish})
        })
        .collect();
    let mut answer = json!({
        "id": face.id, "object": "chat.completion", "created": face.created, "model": face.model, "choices": choices,
    });
    if let Some(usage) = usage {
        answer["usage"] = usage.json();
    }
    answer.to_string().into()
}

/// Writes the chunks of a stream.
pub(in crate::provider) struct Chunks {
    pub face: Face,
    /// The client asked for the usage: then each chunk has the field.
    include_usage: bool,
    /// The choices that have begun.
    begun: Vec<i64>,
    out: BytesMut,
    done: bool,
}

#[derive(Serialize)]
struct Chunk<'a> {
    id: &'a str,
    object: &'static str,
    created: i64,
    model: &'a str,
    choices: &'a [ChunkChoice<'a>],
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Value>,
}

#[derive(Serialize)]
struct ChunkChoice<'a> {
    index: i64,
    delta: &'a Said,
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<Value>,
    finish_reason: Option<Finish>,
}

impl Chunks {
    pub(in crate::provider) fn new(face: Face, include_usage: bool) -> Self {
        Self { face, include_usage, begun: Vec::new(), out: BytesMut::new(), done: false }
    }

    /// The choice begins, whether or not it says something.
    pub(in crate::provider) fn begin(&mut self, index: i64) {
        if !self.begun.contains(&index) {
            self.say(index, Said { content: Some(String::new()), ..Said::default() });
        }
    }

    /// The choice says more.
    pub(in crate::provider) fn say(&mut self, index: i64, said: Said) {
        self.say_with(index, said, None);
    }

    pub(in crate::provider) fn say_with(&mut self, index: i64, mut said: Said, logprobs: Option<Value>) {
        if !self.begun.contains(&index) {
            self.begun.push(index);
            said.role = Some("assistant");
        }
        self.choice(&ChunkChoice { index, delta: &said, logprobs, finish_reason: None });
    }

    pub(in crate::provider) fn finish(&mut self, index: i64, finish: Finish) {
        self.begin(index);
        self.choice(&ChunkChoice { index, delta: &Said::default(), logprobs: None, finish_reason: Some(finish) });
    }

    /// The chunk for the usage only. Clients that did not ask for it do not get to see it.
    pub(in crate::provider) fn usage(&mut self, usage: &Usage) {
        self.chunk(&[], Some(usage.json()));
    }

    /// The end mark.
    pub(in crate::provider) fn done(&mut self) {
        self.done = true;
        self.out.extend_from_slice(b"data: [DONE]\n\n");
    }

    pub(in crate::provider) const fn is_done(&self) -> bool {
        self.done
    }

    /// What has been written since it was taken last.
    pub(in crate::provider) fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    fn choice(&mut self, choice: &ChunkChoice<'_>) {
        let usage = self.include_usage.then_some(Value::Null);
        self.chunk(std::slice::from_ref(choice), usage);
    }

    fn chunk(&mut self, choices: &[ChunkChoice<'_>], usage: Option<Value>) {
        let Face { id, created, model } = &self.face;
        let chunk = Chunk { id, object: "chat.completion.chunk", created: *created, model, choices, usage };
        self.out.extend_from_slice(b"data: ");
        let written = serde_json::to_writer((&mut self.out).writer(), &chunk);
        debug_assert!(written.is_ok(), "a chunk has nothing that JSON does not know");
        self.out.extend_from_slice(b"\n\n");
    }
}
