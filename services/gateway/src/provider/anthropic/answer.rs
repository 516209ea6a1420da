//! Anthropic's message as a chat completion.

use crate::provider::translate::{
    answer::{Call, Choice, Counted, Face, Finish, Said, Usage, whole},
    recall::Recall,
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

/// Where thinking is kept that a client may not send back.
pub(super) struct Memory {
    pub recall: Recall,
    pub provider: String,
}

impl Memory {
    /// These calls came with this thinking.
    pub(super) fn keep(&self, calls: impl Iterator<Item = String>, thinking: &[Value]) {
        if !thinking.is_empty() {
            for call in calls {
                self.recall.keep(&self.provider, &call, thinking.to_vec().into());
            }
        }
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Message {
    pub id: Option<String>,
    pub model: Option<String>,
    pub content: Vec<Block>,
    pub stop_reason: Option<String>,
    pub usage: Option<Reported>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Block {
    Text {
        #[serde(default)]
        text: String,
    },
    Thinking {
        #[serde(default)]
        thinking: String,
        #[serde(default)]
        signature: String,
    },
    RedactedThinking {
        data: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: Value,
    },
    /// What tools of the provider's own do.
    #[serde(other)]
    Other,
}

impl Block {
    /// Thinking, in the form in which it has to come back.
    pub(super) fn thought(&self) -> Option<Value> {
        match self {
            Self::Thinking { thinking, signature } => {
                Some(json!({"type": "thinking", "thinking": thinking, "signature": signature}))
            }
            Self::RedactedThinking { data } => Some(json!({"type": "redacted_thinking", "data": data})),
            Self::Text { .. } | Self::ToolUse { .. } | Self::Other => None,
        }
    }
}

/// `usage`. A stream reports it twice, cumulatively, and sometimes leaves out at the end what it said at the start.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reported {
    input_tokens: Option<i64>,
    output_tokens: Option<i64>,
    cache_read_input_tokens: Option<i64>,
    cache_creation_input_tokens: Option<i64>,
    cache_creation: Option<Written>,
    output_tokens_details: Option<Thought>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Written {
    ephemeral_5m_input_tokens: i64,
    ephemeral_1h_input_tokens: i64,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Thought {
    thinking_tokens: i64,
}

impl Reported {
    /// Takes on what is said later. Numbers only grow: none is taken back.
    pub(super) fn merge(&mut self, later: &Self) {
        let larger = |old: &mut Option<i64>, new: Option<i64>| *old = (*old).max(new);
        larger(&mut self.input_tokens, later.input_tokens);
        larger(&mut self.output_tokens, later.output_tokens);
        larger(&mut self.cache_read_input_tokens, later.cache_read_input_tokens);
        larger(&mut self.cache_creation_input_tokens, later.cache_creation_input_tokens);
        self.cache_creation = later.cache_creation.or(self.cache_creation);
        self.output_tokens_details = later.output_tokens_details.or(self.output_tokens_details);
    }

    /// What is cached is counted beside the input here, and within it by OpenAI.
    pub(super) fn usage(&self) -> Usage {
        let number = |n: Option<i64>| n.unwrap_or(0).max(0);
        let by_age = self.cache_creation.unwrap_or_default();
        let long = by_age.ephemeral_1h_input_tokens.max(0);
        let written = number(self.cache_creation_input_tokens).max(by_age.ephemeral_5m_input_tokens.max(0) + long);
        let read = number(self.cache_read_input_tokens);
        Usage::Counted(Counted {
            prompt: number(self.input_tokens) + read + written,
            completion: number(self.output_tokens),
            cache_read: read,
            cache_write_5m: written - long,
            cache_write_1h: long,
            reasoning: self.output_tokens_details.unwrap_or_default().thinking_tokens.max(0),
            ..Counted::default()
        })
    }
}

pub(super) fn finish(reason: Option<&str>) -> Finish {
    match reason {
        Some("max_tokens" | "model_context_window_exceeded") => Finish::Length,
        Some("tool_use") => Finish::ToolCalls,
        Some("refusal") => Finish::ContentFilter,
        // end_turn, stop_sequence, pause_turn, and what is not known yet.
        _ => Finish::Stop,
    }
}

pub(super) fn write(face: Face, message: Message, memory: &Memory) -> Bytes {
    let thinking_blocks = message.content.iter().filter_map(Block::thought).collect();
    let mut said = Said { thinking_blocks, ..Said::default() };
    for block in message.content {
        match block {
            Block::Text { text } => said.content.get_or_insert_default().push_str(&text),
            Block::Thinking { thinking, .. } => said.reasoning_content.get_or_insert_default().push_str(&thinking),
            Block::ToolUse { id, name, input } => {
                let arguments = if input.is_object() { input.to_string() } else { String::new() };
                said.tool_calls.push(Call::whole(id, name, arguments));
            }
            Block::RedactedThinking { .. } | Block::Other => {}
        }
    }
    memory.keep(said.tool_calls.iter().filter_map(|call| call.id.clone()), &said.thinking_blocks);
    let finish = finish(message.stop_reason.as_deref());
    let face =
        Face { id: message.id.unwrap_or(face.id), model: message.model.unwrap_or(face.model), created: face.created };
    whole(&face, vec![Choice { index: 0, said, finish, logprobs: None }], message.usage.map(|u| u.usage()))
}
