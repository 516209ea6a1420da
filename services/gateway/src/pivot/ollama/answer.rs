//! What does a chat completion say, in Ollama's words? A stream is told as events here; the edge makes lines of them.

use crate::{
    pivot::{
        Teller,
        chunk::{Call, Chunk},
    },
    provider::fault::Fault,
    wire::usage,
};
use chrono::DateTime;
use proto::usage::Tokens;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio::time::Instant;

/// A whole answer. `created`: Unix seconds.
pub(in crate::pivot) fn answer(chat: &Value, used: &Tokens, created: i64) -> Value {
    let choice = &chat["choices"][0];
    let said = &choice["message"];
    let text = [&said["content"], &said["refusal"]].into_iter().filter_map(Value::as_str).collect::<String>();
    let mut message = json!({"role": "assistant", "content": text});
    let thought = [&said["reasoning_content"], &said["reasoning"]].into_iter().find_map(Value::as_str);
    if let Some(thought) = thought.filter(|thought| !thought.is_empty()) {
        message["thinking"] = thought.into();
    }
    let calls = said["tool_calls"].as_array().map(Vec::as_slice).unwrap_or_default();
    let calls = calls.iter().map(|call| {
        let function = &call["function"];
        called(&function["name"], function["arguments"].as_str().unwrap_or_default())
    });
    let calls: Vec<Value> = calls.collect();
    if !calls.is_empty() {
        message["tool_calls"] = calls.into();
    }
    let mut told = line(chat["model"].as_str(), created, message);
    weigh(&mut told, &choice["logprobs"]);
    done(&mut told, choice["finish_reason"].as_str(), used, 0);
    told
}

/// Chunks of a chat completion as Ollama's.
pub(in crate::pivot) struct Events {
    created: i64,
    began: Instant,
    model: Option<String>,
    calls: BTreeMap<usize, (String, String)>,
    reason: Option<String>,
}

impl Events {
    pub(in crate::pivot) fn new(created: i64) -> Self {
        Self { created, began: Instant::now(), model: None, calls: BTreeMap::new(), reason: None }
    }

    fn write(&self, message: Value, logprobs: &Value, out: &mut Vec<u8>) {
        let mut line = line(self.model.as_deref(), self.created, message);
        weigh(&mut line, logprobs);
        out.extend_from_slice(format!("data: {line}\n\n").as_bytes());
    }
}

impl Teller for Events {
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let chunk = Chunk::read(data)?;
        self.model = self.model.take().or(chunk.model);
        for choice in chunk.choices.into_iter().filter(|choice| choice.index == 0) {
            self.reason = choice.finish_reason.or(self.reason.take());
            let delta = choice.delta;
            let given = |text: Option<String>| text.filter(|text| !text.is_empty());
            if let Some(thought) = given(delta.reasoning_content) {
                self.write(json!({"role": "assistant", "content": "", "thinking": thought}), &Value::Null, out);
            }
            for text in [given(delta.content), given(delta.refusal)].into_iter().flatten() {
                self.write(json!({"role": "assistant", "content": text}), &choice.logprobs, out);
            }
            for Call { index, function, .. } in delta.tool_calls {
                let (name, arguments) = self.calls.entry(index).or_default();
                name.push_str(function.name.as_deref().unwrap_or_default());
                arguments.push_str(function.arguments.as_deref().unwrap_or_default());
            }
        }
        Ok(())
    }

    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>) {
        let calls = std::mem::take(&mut self.calls).into_values();
        let calls: Vec<Value> = calls.map(|(name, arguments)| called(&name.into(), &arguments)).collect();
        if !calls.is_empty() {
            self.write(json!({"role": "assistant", "content": "", "tool_calls": calls}), &Value::Null, out);
        }
        let mut last = line(self.model.as_deref(), self.created, json!({"role": "assistant", "content": ""}));
        let took = i64::try_from(self.began.elapsed().as_nanos()).unwrap_or(i64::MAX);
        done(&mut last, self.reason.as_deref(), used, took);
        out.extend_from_slice(format!("data: {last}\n\n").as_bytes());
    }
}

fn line(model: Option<&str>, created: i64, message: Value) -> Value {
    let at = DateTime::from_timestamp(created, 0).unwrap_or_default().to_rfc3339();
    json!({"model": model.unwrap_or_default(), "created_at": at, "message": message, "done": false})
}

/// How likely the tokens were, which both say in the same words.
fn weigh(line: &mut Value, logprobs: &Value) {
    let tokens = &logprobs["content"];
    if tokens.as_array().is_some_and(|tokens| !tokens.is_empty()) {
        line["logprobs"] = tokens.clone();
    }
}

/// The end. `took`: nanoseconds.
fn done(line: &mut Value, reason: Option<&str>, used: &Tokens, took: i64) {
    let (asked, answered) = usage::sums(used);
    line["done"] = true.into();
    line["done_reason"] = if reason == Some("length") { "length" } else { "stop" }.into();
    line["total_duration"] = took.into();
    line["load_duration"] = 0.into();
    line["prompt_eval_count"] = asked.into();
    line["prompt_eval_duration"] = 0.into();
    line["eval_count"] = answered.into();
    line["eval_duration"] = took.into();
}

fn called(name: &Value, arguments: &str) -> Value {
    // What is no JSON object is kept as text, rather than lost.
    let arguments = match serde_json::from_str(arguments) {
        Ok(Value::Object(fields)) => fields.into(),
        _ if arguments.trim().is_empty() => json!({}),
        _ => json!({"_unparsed": arguments}),
    };
    json!({"function": {"name": name, "arguments": arguments}})
}
