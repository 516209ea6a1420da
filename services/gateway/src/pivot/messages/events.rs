//! Chunks of a chat completion as Anthropic's events: one block after the other, each begun and ended.

use super::answer::{id, stop_reason, told};
use crate::{
    pivot::{
        Teller,
        chunk::{Call, Chunk, Delta},
    },
    provider::fault::Fault,
};
use proto::usage::Tokens;
use serde_json::{Value, json};

#[derive(Default)]
pub(in crate::pivot) struct Events {
    /// Our estimate of the input: its count comes at the end.
    input_estimate: i64,
    begun: bool,
    /// How many blocks were begun.
    blocks: usize,
    open: Option<Open>,
    /// Calls that came before the open one was complete.
    waiting: Vec<Waiting>,
    calls: bool,
    refused: bool,
    finish_reason: Option<String>,
}

/// The block that grows.
enum Open {
    Text,
    Thinking,
    /// A call, by its index among the calls, with its arguments so far.
    Call(usize, String),
}

struct Waiting {
    index: usize,
    id: String,
    name: String,
    arguments: String,
}

impl Teller for Events {
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let chunk = Chunk::read(data)?;
        self.begin(&chunk, out);
        // Of several choices a message can only be the first.
        for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
            self.said(choice.delta, out);
            self.finish_reason = choice.finish_reason.or(self.finish_reason.take());
        }
        Ok(())
    }

    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>) {
        self.begin(&Chunk::default(), out);
        self.close(out);
        for call in std::mem::take(&mut self.waiting) {
            self.start_call(&call, out);
            self.close(out);
        }
        let reason = stop_reason(self.finish_reason.as_deref(), self.calls, self.refused);
        let delta = json!({"stop_reason": reason, "stop_sequence": null});
        event(out, "message_delta", json!({"type": "message_delta", "delta": delta, "usage": told(used)}));
        event(out, "message_stop", json!({"type": "message_stop"}));
    }
}

impl Events {
    pub(in crate::pivot) fn new(input_estimate: i64) -> Self {
        Self { input_estimate, ..Self::default() }
    }

    fn begin(&mut self, chunk: &Chunk, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.begun, true) {
            return;
        }
        let used = Tokens { input: self.input_estimate, ..Tokens::default() };
        let message = json!({
            "id": id(chunk.id.as_deref().unwrap_or_default()), "type": "message", "role": "assistant",
            "model": chunk.model, "content": [], "stop_reason": null, "stop_sequence": null, "usage": told(&used),
        });
        event(out, "message_start", json!({"type": "message_start", "message": message}));
    }

    fn said(&mut self, delta: Delta, out: &mut Vec<u8>) {
        let some = |text: Option<String>| text.filter(|text| !text.is_empty());
        if let Some(thought) = some(delta.reasoning_content) {
            if !matches!(self.open, Some(Open::Thinking)) {
                self.start(Open::Thinking, json!({"type": "thinking", "thinking": "", "signature": ""}), out);
            }
            self.add(json!({"type": "thinking_delta", "thinking": thought}), out);
        }
        for block in delta.thinking_blocks {
            self.signed(&block, out);
        }
        self.refused |= delta.refusal.as_ref().is_some_and(|refusal| !refusal.is_empty());
        for text in [some(delta.content), some(delta.refusal)].into_iter().flatten() {
            if !matches!(self.open, Some(Open::Text)) {
                self.start(Open::Text, json!({"type": "text", "text": ""}), out);
            }
            self.add(json!({"type": "text_delta", "text": text}), out);
        }
        for call in delta.tool_calls {
            self.called(call, out);
        }
    }

    /// A complete block of thinking: its text has been told as it came, its signature has not.
    fn signed(&mut self, block: &Value, out: &mut Vec<u8>) {
        if block["type"] == "redacted_thinking" {
            self.close(out);
            self.start(Open::Text, block.clone(), out);
            self.close(out);
            return;
        }
        if !matches!(self.open, Some(Open::Thinking)) {
            self.start(Open::Thinking, json!({"type": "thinking", "thinking": "", "signature": ""}), out);
            self.add(json!({"type": "thinking_delta", "thinking": block["thinking"]}), out);
        }
        self.add(json!({"type": "signature_delta", "signature": block["signature"]}), out);
        self.close(out);
    }

    fn called(&mut self, call: Call, out: &mut Vec<u8>) {
        self.calls = true;
        let arguments = call.function.arguments.unwrap_or_default();
        if let Some(Open::Call(index, so_far)) = &mut self.open
            && *index == call.index
        {
            so_far.push_str(&arguments);
            if !arguments.is_empty() {
                self.add(json!({"type": "input_json_delta", "partial_json": arguments}), out);
            }
            return;
        }
        if let Some(waiting) = self.waiting.iter_mut().find(|waiting| waiting.index == call.index) {
            waiting.arguments.push_str(&arguments);
            return;
        }
        let (id, name) = (call.id.unwrap_or_default(), call.function.name.unwrap_or_default());
        let new = Waiting { index: call.index, id, name, arguments };
        // A block cannot be opened again, so the next one waits for what is not complete.
        let is_complete = |open: &Open| match open {
            Open::Call(_, so_far) => serde_json::from_str::<Value>(so_far).is_ok(),
            Open::Text | Open::Thinking => true,
        };
        if self.waiting.is_empty() && self.open.as_ref().is_none_or(is_complete) {
            self.start_call(&new, out);
        } else {
            self.waiting.push(new);
        }
    }

    fn start_call(&mut self, call: &Waiting, out: &mut Vec<u8>) {
        let block = json!({"type": "tool_use", "id": call.id, "name": call.name, "input": {}});
        self.start(Open::Call(call.index, call.arguments.clone()), block, out);
        if !call.arguments.is_empty() {
            self.add(json!({"type": "input_json_delta", "partial_json": call.arguments}), out);
        }
    }

    fn start(&mut self, open: Open, block: Value, out: &mut Vec<u8>) {
        self.close(out);
        self.open = Some(open);
        let start = json!({"type": "content_block_start", "index": self.blocks, "content_block": block});
        self.blocks += 1;
        event(out, "content_block_start", start);
    }

    fn add(&self, delta: Value, out: &mut Vec<u8>) {
        let index = self.blocks.saturating_sub(1);
        let delta = json!({"type": "content_block_delta", "index": index, "delta": delta});
        event(out, "content_block_delta", delta);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        if self.open.take().is_some() {
            let index = self.blocks.saturating_sub(1);
            event(out, "content_block_stop", json!({"type": "content_block_stop", "index": index}));
        }
    }
}

fn event(out: &mut Vec<u8>, name: &str, data: Value) {
    out.extend_from_slice(format!("event: {name}\ndata: {data}\n\n").as_bytes());
}
