//! Anthropic's stream: `message_start`, blocks with their deltas, `message_delta`, and `message_stop` as its end mark.

use super::{
    answer::{Block, Memory, Message, Reported, finish},
    status_of,
};
use crate::provider::{
    Fault,
    translate::{
        answer::{Call, Chunks, Said},
        refusal,
        stream::Decoder,
    },
};
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;

pub(super) struct Events {
    memory: Memory,
    /// Blocks under way, by their index.
    open: HashMap<i64, Open>,
    /// Complete thinking, as it has to come back.
    thinking: Vec<Value>,
    calls: Vec<String>,
    usage: Option<Reported>,
    stop_reason: Option<String>,
}

/// A block under way.
enum Open {
    Thinking(Block),
    /// Which call it is, and whether arguments came.
    Call {
        number: usize,
        input: Value,
        argued: bool,
    },
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Message,
    },
    ContentBlockStart {
        index: i64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: i64,
        delta: Delta,
    },
    ContentBlockStop {
        index: i64,
    },
    MessageDelta {
        delta: Stop,
        usage: Option<Reported>,
    },
    MessageStop,
    Error {
        error: Wrong,
    },
    /// `ping`, and what may come later: unknown events are to be passed over.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Delta {
    #[serde(rename = "text_delta")]
    Text { text: String },
    #[serde(rename = "input_json_delta")]
    InputJson { partial_json: String },
    #[serde(rename = "thinking_delta")]
    Thinking { thinking: String },
    #[serde(rename = "signature_delta")]
    Signature { signature: String },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Stop {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Wrong {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    message: String,
}

impl Events {
    pub(super) fn new(memory: Memory) -> Self {
        Self { memory, open: HashMap::new(), thinking: vec![], calls: vec![], usage: None, stop_reason: None }
    }

    fn start(&mut self, index: i64, block: Block, out: &mut Chunks) {
        let open = match block {
            Block::Text { text } => {
                if !text.is_empty() {
                    out.say(0, Said { content: Some(text), ..Said::default() });
                }
                Open::Other
            }
            Block::ToolUse { id, name, input } => {
                let number = self.calls.len();
                self.calls.push(id.clone());
                out.say(0, Said { tool_calls: vec![Call::begin(number, id, name)], ..Said::default() });
                Open::Call { number, input, argued: false }
            }
            thought @ (Block::Thinking { .. } | Block::RedactedThinking { .. }) => Open::Thinking(thought),
            Block::Other => Open::Other,
        };
        self.open.insert(index, open);
    }

    fn delta(&mut self, index: i64, delta: Delta, out: &mut Chunks) {
        match (delta, self.open.get_mut(&index)) {
            (Delta::Text { text }, _) => out.say(0, Said { content: Some(text), ..Said::default() }),
            (Delta::InputJson { partial_json }, Some(Open::Call { number, argued, .. }))
                if !partial_json.is_empty() =>
            {
                *argued = true;
                out.say(0, Said { tool_calls: vec![Call::more(*number, partial_json)], ..Said::default() });
            }
            (Delta::Thinking { thinking: more }, Some(Open::Thinking(Block::Thinking { thinking, .. }))) => {
                thinking.push_str(&more);
                out.say(0, Said { reasoning_content: Some(more), ..Said::default() });
            }
            (Delta::Signature { signature: more }, Some(Open::Thinking(Block::Thinking { signature, .. }))) => {
                signature.push_str(&more);
            }
            _ => {}
        }
    }

    fn stop(&mut self, index: i64, out: &mut Chunks) {
        match self.open.remove(&index) {
            // A tool without arguments streams none. What a client builds from nothing is no JSON.
            Some(Open::Call { number, input, argued: false }) => {
                let arguments = if input.is_object() { input.to_string() } else { "{}".to_owned() };
                out.say(0, Said { tool_calls: vec![Call::more(number, arguments)], ..Said::default() });
            }
            Some(Open::Thinking(block)) => {
                let block: Vec<Value> = block.thought().into_iter().collect();
                self.thinking.extend(block.iter().cloned());
                out.say(0, Said { thinking_blocks: block, ..Said::default() });
            }
            _ => {}
        }
    }
}

impl Decoder for Events {
    fn event(&mut self, _: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault> {
        let event = serde_json::from_slice(data).map_err(|_| Fault::malformed("an event that cannot be read"))?;
        match event {
            Event::MessageStart { message } => {
                if let Some(id) = message.id {
                    out.face.id = id;
                }
                if let Some(model) = message.model {
                    out.face.model = model;
                }
                self.usage = message.usage;
                out.begin(0);
            }
            Event::ContentBlockStart { index, content_block } => self.start(index, content_block, out),
            Event::ContentBlockDelta { index, delta } => self.delta(index, delta, out),
            Event::ContentBlockStop { index } => self.stop(index, out),
            Event::MessageDelta { delta, usage } => {
                self.stop_reason = delta.stop_reason.or(self.stop_reason.take());
                if let Some(usage) = usage {
                    self.usage.get_or_insert_default().merge(&usage);
                }
            }
            Event::MessageStop => {
                self.memory.keep(self.calls.drain(..), &self.thinking);
                out.finish(0, finish(self.stop_reason.as_deref()));
                if let Some(usage) = &self.usage {
                    out.usage(&usage.usage());
                }
                out.done();
            }
            Event::Error { error } => return Err(refusal::fault(status_of(&error.kind), &error.message)),
            Event::Other => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::translate::{
        recall::Recall,
        stream::{Framing, testing},
    };

    const GOOD: &str = concat!(
        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"model\":\"m\",\"content\":[],\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n",
        "event: ping\ndata: {\"type\": \"ping\"}\n\n",
        "data: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"thinking\",\"thinking\":\"\",\"signature\":\"\"}}\r\n\r\n",
        "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"thinking_delta\",\"thinking\":\"日本 🦀\"}}\r\n\r\n",
        "data: {\"type\":\"content_block_stop\",\"index\":0}\r\r",
        "data: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"f\",\"input\":{}}}\n\n",
        "data: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\ndata: \"partial_json\":\"{}\"}}\n\n",
        "data: {\"type\":\"content_block_stop\",\"index\":1}\n\n",
        "data: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\"},\"usage\":{\"output_tokens\":9}}\n\n",
        "data: {\"type\":\"message_stop\"}\n\n",
    );

    #[test]
    fn however_a_stream_is_cut_or_broken_it_is_read_alike_and_never_made_complete() {
        let memory = || Memory { recall: Recall::default(), provider: String::new() };
        testing::holds(Framing::Events, || Events::new(memory()), GOOD);
    }
}
