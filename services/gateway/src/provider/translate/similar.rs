//! Answers of servers that are OpenAI's but for a few differences, read whole so that these can be mended: content in
//! parts, thinking among it, usage in a chunk that has choices, reasons that OpenAI has no word for.

use super::{
    answer::{Call, Choice, Chunks, Face, Finish, Function, Said, Usage, whole},
    recall::Recall,
    refusal,
    stream::Decoder,
};
use crate::provider::Fault;
use bytes::Bytes;
use serde::Deserialize;
use serde_json::Value;

/// What is different from server to server.
pub(in crate::provider) struct Ways {
    /// A reason for the end, in OpenAI's words. Errors: the model broke.
    pub finish: fn(&str) -> Result<Finish, Fault>,
    /// Where thinking is kept that has to come back with its tool calls, and for which provider.
    pub memory: Option<(Recall, String)>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct Answer {
    id: Option<String>,
    model: Option<String>,
    created: Option<i64>,
    #[serde(default)]
    choices: Vec<OneOf>,
    usage: Option<Value>,
    error: Option<Value>,
}

/// A choice: whole, or what is new of it.
#[derive(Debug, Deserialize)]
struct OneOf {
    #[serde(default)]
    index: i64,
    #[serde(alias = "delta")]
    message: Option<Message>,
    finish_reason: Option<String>,
    logprobs: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Message {
    content: Option<Value>,
    reasoning_content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
}

#[derive(Debug, Deserialize)]
struct ToolCall {
    index: Option<usize>,
    id: Option<String>,
    #[serde(default)]
    function: Called,
}

#[derive(Debug, Default, Deserialize)]
struct Called {
    name: Option<String>,
    #[serde(default)]
    arguments: Value,
}

impl Message {
    fn said(self) -> Said {
        let mut said = Said { reasoning_content: self.reasoning_content, refusal: self.refusal, ..Said::default() };
        match self.content {
            Some(Value::String(text)) => said.content = Some(text),
            Some(Value::Array(parts)) => parts.iter().for_each(|part| add(&mut said, part)),
            _ => {}
        }
        for (at, call) in self.tool_calls.into_iter().flatten().enumerate() {
            let arguments = match call.function.arguments {
                Value::String(text) => text,
                Value::Null => String::new(),
                object => object.to_string(),
            };
            said.tool_calls.push(Call {
                index: Some(call.index.unwrap_or(at)),
                kind: call.id.is_some().then_some("function"),
                id: call.id,
                function: Function { name: call.function.name, arguments },
                extra_content: None,
            });
        }
        said
    }
}

/// `{"type":"text","text":…}`, or `{"type":"thinking","thinking":[{"type":"text","text":…}]}`.
fn add(said: &mut Said, part: &Value) {
    if let Some(text) = part["text"].as_str() {
        said.content.get_or_insert_default().push_str(text);
    }
    let thoughts = part["thinking"].as_array().into_iter().flatten();
    for text in thoughts.filter_map(|thought| thought["text"].as_str()) {
        said.reasoning_content.get_or_insert_default().push_str(text);
    }
}

/// An error in place of an answer.
fn wrong(error: &Value) -> Fault {
    let message = error["message"].as_str().or(error.as_str()).unwrap_or_default();
    let status = error["code"].as_u64().and_then(|code| u16::try_from(code).ok()).filter(|code| *code >= 400);
    refusal::fault(status.unwrap_or(500), message)
}

impl Ways {
    fn keep(&self, thought: Option<&str>, calls: impl Iterator<Item = String>) {
        if let (Some((recall, provider)), Some(thought)) = (&self.memory, thought.filter(|t| !t.is_empty())) {
            for call in calls {
                recall.keep(provider, &call, thought.into());
            }
        }
    }
}

/// A whole answer.
pub(in crate::provider) fn write(face: Face, answer: Answer, ways: &Ways) -> Result<Bytes, Fault> {
    if let Some(error) = &answer.error {
        return Err(wrong(error));
    }
    let mut choices = Vec::new();
    for choice in answer.choices {
        let mut said = choice.message.unwrap_or_default().said();
        for call in &mut said.tool_calls {
            call.index = None;
            if call.function.arguments.trim().is_empty() {
                "{}".clone_into(&mut call.function.arguments);
            }
        }
        ways.keep(said.reasoning_content.as_deref(), said.tool_calls.iter().filter_map(|c| c.id.clone()));
        let finish = (ways.finish)(choice.finish_reason.as_deref().unwrap_or("stop"))?;
        choices.push(Choice { index: choice.index, said, finish, logprobs: choice.logprobs });
    }
    if choices.is_empty() {
        return Err(Fault::malformed("it has no choices"));
    }
    let face = Face {
        id: answer.id.unwrap_or(face.id),
        model: answer.model.unwrap_or(face.model),
        created: answer.created.unwrap_or(face.created),
    };
    Ok(whole(&face, choices, answer.usage.map(Usage::Reported)))
}

/// A stream.
pub(in crate::provider) struct Events {
    ways: Ways,
    thought: String,
    calls: Vec<String>,
    usage: Option<Value>,
}

impl Events {
    pub(in crate::provider) fn new(ways: Ways) -> Self {
        Self { ways, thought: String::new(), calls: Vec::new(), usage: None }
    }
}

impl Decoder for Events {
    fn event(&mut self, _: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault> {
        if data.trim_ascii() == b"[DONE]" {
            self.ways.keep(Some(&self.thought), self.calls.drain(..));
            if let Some(usage) = self.usage.take() {
                out.usage(&Usage::Reported(usage));
            }
            out.done();
            return Ok(());
        }
        let answer: Answer =
            serde_json::from_slice(data).map_err(|_| Fault::malformed("a chunk that cannot be read"))?;
        if let Some(error) = &answer.error {
            return Err(wrong(error));
        }
        if let Some(id) = answer.id {
            out.face.id = id;
        }
        if let Some(model) = answer.model {
            out.face.model = model;
        }
        out.face.created = answer.created.unwrap_or(out.face.created);
        self.usage = answer.usage.filter(Value::is_object).or(self.usage.take());
        for choice in answer.choices {
            if let Some(message) = choice.message {
                let said = message.said();
                self.thought.push_str(said.reasoning_content.as_deref().unwrap_or_default());
                self.calls.extend(said.tool_calls.iter().filter_map(|call| call.id.clone()));
                out.say_with(choice.index, said, choice.logprobs);
            }
            if let Some(reason) = &choice.finish_reason {
                out.finish(choice.index, (self.ways.finish)(reason)?);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::translate::stream::{Framing, testing};

    const GOOD: &str = concat!(
        "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"Hm\"}]}]}}]}\n\n",
        ": keep-alive\n\n",
        "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"日本 🦀\"}}]}\r\n\r\n",
        "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}\n\n",
        "data: {\"id\":\"x\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    );

    #[test]
    fn however_a_stream_is_cut_or_broken_it_is_read_alike_and_never_made_complete() {
        let ways = || Ways { finish: |_| Ok(Finish::Stop), memory: None };
        testing::holds(Framing::Events, || Events::new(ways()), GOOD);
    }
}
