//! Ollama's response, whole or as lines, as a chat completion. A stream ends with the line that says `done`.

use crate::provider::{
    Fault,
    translate::{
        answer::{Call, Choice, Chunks, Counted, Face, Finish, Said, Usage, whole},
        refusal,
        stream::Decoder,
    },
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    model: Option<String>,
    message: Option<Message>,
    #[serde(default)]
    done: bool,
    done_reason: Option<String>,
    prompt_eval_count: Option<i64>,
    eval_count: Option<i64>,
    logprobs: Option<Vec<Logprob>>,
    error: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Message {
    #[serde(default)]
    content: String,
    thinking: Option<String>,
    #[serde(default)]
    tool_calls: Vec<ToolCall>,
}

#[derive(Debug, Deserialize)]
struct ToolCall {
    id: Option<String>,
    function: Function,
}

#[derive(Debug, Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: Value,
}

#[derive(Debug, Deserialize)]
struct Logprob {
    token: String,
    logprob: f64,
    #[serde(default)]
    top_logprobs: Vec<Logprob>,
}

impl Logprob {
    fn json(&self) -> Value {
        let top: Vec<Value> = self.top_logprobs.iter().map(Self::plain).collect();
        let mut out = self.plain();
        out["top_logprobs"] = top.into();
        out
    }

    fn plain(&self) -> Value {
        json!({"token": self.token, "logprob": self.logprob, "bytes": self.token.as_bytes()})
    }
}

impl Response {
    fn said(&mut self, ids: &host::Ids, first: usize) -> Said {
        let message = self.message.take().unwrap_or_default();
        let calls = message.tool_calls.into_iter().enumerate().map(|(at, ToolCall { id, function })| {
            // Calls have no ids there, and clients cannot do without.
            let id = id.filter(|id| !id.is_empty()).unwrap_or_else(|| format!("call_{}", ids.uuid().simple()));
            let arguments = if function.arguments.is_object() { function.arguments.to_string() } else { String::new() };
            Call { index: Some(first + at), ..Call::whole(id, function.name, arguments) }
        });
        Said {
            content: (!message.content.is_empty()).then_some(message.content),
            reasoning_content: message.thinking.filter(|thinking| !thinking.is_empty()),
            tool_calls: calls.collect(),
            ..Said::default()
        }
    }

    fn logprobs(&self) -> Option<Value> {
        let tokens = self.logprobs.as_ref().filter(|tokens| !tokens.is_empty())?;
        Some(json!({"content": tokens.iter().map(Logprob::json).collect::<Vec<_>>(), "refusal": null}))
    }

    /// None where a count is left out, as it is of prompts that are kept in memory.
    fn usage(&self) -> Option<Usage> {
        let (prompt, completion) = (self.prompt_eval_count?.max(0), self.eval_count?.max(0));
        Some(Usage::Counted(Counted { prompt, completion, ..Counted::default() }))
    }

    fn finish(&self, called: bool) -> Finish {
        match self.done_reason.as_deref() {
            Some("length") => Finish::Length,
            _ if called => Finish::ToolCalls,
            _ => Finish::Stop,
        }
    }
}

pub(super) fn write(face: &Face, mut response: Response, ids: &host::Ids) -> Result<Bytes, Fault> {
    if let Some(error) = &response.error {
        return Err(refusal::fault(500, error));
    }
    if !response.done {
        return Err(Fault::malformed("it is not done"));
    }
    let mut said = response.said(ids, 0);
    said.tool_calls.iter_mut().for_each(|call| call.index = None);
    let finish = response.finish(!said.tool_calls.is_empty());
    let face = Face { model: response.model.clone().unwrap_or_else(|| face.model.clone()), ..face.clone() };
    let choice = Choice { index: 0, said, finish, logprobs: response.logprobs() };
    Ok(whole(&face, vec![choice], response.usage()))
}

pub(super) struct Lines {
    ids: host::Ids,
    calls: usize,
}

impl Lines {
    pub(super) const fn new(ids: host::Ids) -> Self {
        Self { ids, calls: 0 }
    }
}

impl Decoder for Lines {
    fn event(&mut self, _: &[u8], data: &[u8], out: &mut Chunks) -> Result<(), Fault> {
        let mut response: Response =
            serde_json::from_slice(data).map_err(|_| Fault::malformed("a line that cannot be read"))?;
        if let Some(error) = &response.error {
            return Err(refusal::fault(500, error));
        }
        if let Some(model) = response.model.take() {
            out.face.model = model;
        }
        let said = response.said(&self.ids, self.calls);
        self.calls += said.tool_calls.len();
        let logprobs = response.logprobs();
        if said.content.is_some()
            || said.reasoning_content.is_some()
            || !said.tool_calls.is_empty()
            || logprobs.is_some()
        {
            out.say_with(0, said, logprobs);
        }
        if response.done {
            out.finish(0, response.finish(self.calls > 0));
            if let Some(usage) = response.usage() {
                out.usage(&usage);
            }
            out.done();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provider::translate::stream::{Framing, testing};

    const GOOD: &str = concat!(
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}\n",
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"日本 🦀\"},\"done\":false}\r\n",
        "{\"message\":{\"content\":\"\",\"tool_calls\":[{\"id\":\"t\",\"function\":{\"name\":\"f\",\"arguments\":{}}}]},\"done\":false}\n\n",
        "{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":5,\"eval_count\":6}",
    );

    #[test]
    fn however_a_stream_is_cut_or_broken_it_is_read_alike_and_never_made_complete() {
        testing::holds(Framing::Lines, || Lines::new(host::Ids::new(host::Clock::system())), GOOD);
    }
}
