//! Cohere's stream: `message-start`, contents and tool calls with their deltas, and `message-end` as its end mark.

use super::answer::{Part, Reported, ToolCall, finish};
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

#[derive(Default)]
pub(super) struct Events {
    calls: usize,
    /// Arguments of the call that is under way have come.
    argued: bool,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Event {
    MessageStart {
        id: Option<String>,
    },
    ContentStart {
        delta: Delta,
    },
    ContentDelta {
        delta: Delta,
    },
    ToolPlanDelta {
        delta: Delta,
    },
    ToolCallStart {
        delta: Delta,
    },
    ToolCallDelta {
        delta: Delta,
    },
    ToolCallEnd,
    MessageEnd {
        delta: End,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Delta {
    #[serde(default)]
    message: Message,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Message {
    content: Option<Part>,
    tool_plan: Option<String>,
    tool_calls: Option<ToolCall>,
}

#[derive(Deserialize)]
struct End {
    finish_reason: Option<String>,
    usage: Option<Reported>,
    error: Option<String>,
}

impl Events {
    fn content(delta: Delta, out: &mut Chunks) {
        let Part { text, thinking } = delta.message.content.unwrap_or_default();
        let (content, reasoning_content) = (text.filter(|t| !t.is_empty()), thinking.filter(|t| !t.is_empty()));
        if content.is_some() || reasoning_content.is_some() {
            out.say(0, Said { content, reasoning_content, ..Said::default() });
        }
    }

    fn arguments(&mut self, arguments: String, out: &mut Chunks) {
        if let Some(number) = self.calls.checked_sub(1).filter(|_| !arguments.is_empty()) {
            self.argued = true;
            out.say(0, Said { tool_calls: vec![Call::more(number, arguments)], ..Said::default() });
        }
    }
}

impl Decoder for Events {
    fn event(&mut self, _: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault> {
        let value: Value =
            serde_json::from_slice(data).map_err(|_| Fault::malformed("an event that cannot be read"))?;
        // An error has a message and no type.
        if let (None, Some(message)) = (value.get("type"), value["message"].as_str()) {
            return Err(refusal::fault(500, message));
        }
        let event = serde_json::from_value(value).map_err(|_| Fault::malformed("an event that cannot be read"))?;
        match event {
            Event::MessageStart { id } => {
                if let Some(id) = id {
                    out.face.id = id;
                }
                out.begin(0);
            }
            Event::ContentStart { delta } | Event::ContentDelta { delta } => Self::content(delta, out),
            Event::ToolPlanDelta { delta } => {
                out.say(0, Said { reasoning_content: delta.message.tool_plan, ..Said::default() });
            }
            Event::ToolCallStart { delta } => {
                let ToolCall { id, function } = delta.message.tool_calls.unwrap_or_default();
                let call = Call::begin(self.calls, id, function.name);
                self.calls += 1;
                self.argued = false;
                out.say(0, Said { tool_calls: vec![call], ..Said::default() });
                self.arguments(function.arguments, out);
            }
            Event::ToolCallDelta { delta } => {
                self.arguments(delta.message.tool_calls.unwrap_or_default().function.arguments, out);
            }
            // A tool without arguments streams none. What a client builds from nothing is no JSON.
            Event::ToolCallEnd if !self.argued => self.arguments("{}".to_owned(), out),
            Event::MessageEnd { delta } => {
                if let Some(error) = delta.error {
                    return Err(refusal::fault(500, &error));
                }
                out.finish(0, finish(delta.finish_reason.as_deref().unwrap_or_default())?);
                if let Some(usage) = delta.usage.and_then(|usage| usage.usage()) {
                    out.usage(&usage);
                }
                out.done();
            }
            Event::ToolCallEnd | Event::Other => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::translate::stream::{Framing, testing};

    const GOOD: &str = concat!(
        "event: message-start\ndata: {\"type\":\"message-start\",\"id\":\"c\",\"delta\":{\"message\":{\"role\":\"assistant\"}}}\n\n",
        "data: {\"type\":\"content-start\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"type\":\"text\",\"text\":\"\"}}}}\n\n",
        "data: {\"type\":\"content-delta\",\"index\":0,\"delta\":{\"message\":{\"content\":{\"text\":\"日本 🦀\"}}}}\r\n\r\n",
        "data: {\"type\":\"content-end\",\"index\":0}\n\n",
        "data: {\"type\":\"tool-call-start\",\"index\":0,\"delta\":{\"message\":{\"tool_calls\":{\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"\"}}}}}\n\n",
        "data: {\"type\":\"tool-call-end\",\"index\":0}\n\n",
        "data: {\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"TOOL_CALL\",\"usage\":{\"billed_units\":{\"input_tokens\":5,\"output_tokens\":6}}}}\n\n",
    );

    #[test]
    fn however_a_stream_is_cut_or_broken_it_is_read_alike_and_never_made_complete() {
        testing::holds(Framing::Events, Events::default, GOOD);
    }
}
