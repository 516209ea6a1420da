//! Chunks of a chat completion as Gemini's stream: whole responses, of which the last one has reason and usage. Calls of
//! functions come whole.

use super::answer::{called, candidate, picture, signed, told, weighed};
use crate::{
    pivot::{
        Teller,
        chunk::{Call, Chunk, Delta},
    },
    provider::fault::Fault,
};
use proto::usage::Tokens;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What has come so far.
#[derive(Default)]
pub(in crate::pivot) struct Events {
    id: Option<String>,
    model: Option<String>,
    choices: BTreeMap<i64, Choice>,
}

#[derive(Default)]
struct Choice {
    calls: BTreeMap<usize, Called>,
    reason: Option<String>,
}

/// A call, as far as it has come.
#[derive(Default)]
struct Called {
    id: Option<String>,
    name: String,
    arguments: String,
    extra: Value,
}

impl Teller for Events {
    fn chunk(&mut self, data: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let chunk = Chunk::read(data)?;
        self.id = self.id.take().or(chunk.id);
        self.model = self.model.take().or(chunk.model);
        for said in chunk.choices {
            let choice = self.choices.entry(said.index).or_default();
            choice.reason = said.finish_reason.or(choice.reason.take());
            let parts = choice.parts(said.delta);
            if !parts.is_empty() {
                self.write(vec![weighed(candidate(said.index, parts, None), &said.logprobs)], None, out);
            }
        }
        Ok(())
    }

    fn end(&mut self, used: &Tokens, out: &mut Vec<u8>) {
        let choices = std::mem::take(&mut self.choices);
        let ended = choices.into_iter().map(|(index, choice)| {
            let calls = choice.calls.into_values().map(Called::part).collect();
            candidate(index, calls, Some(choice.reason.as_deref().unwrap_or("stop")))
        });
        let ended = ended.collect();
        self.write(ended, Some(told(used)), out);
    }
}

impl Events {
    fn write(&self, candidates: Vec<Value>, usage: Option<Value>, out: &mut Vec<u8>) {
        let mut response = json!({"candidates": candidates, "modelVersion": self.model, "responseId": self.id});
        if let Some(usage) = usage {
            response["usageMetadata"] = usage;
        }
        out.extend_from_slice(format!("data: {response}\n\n").as_bytes());
    }
}

impl Choice {
    /// What of it can be shown now. A call waits until it is whole.
    fn parts(&mut self, delta: Delta) -> Vec<Value> {
        let given = |text: Option<String>| text.filter(|text| !text.is_empty());
        let mut parts = Vec::new();
        parts.extend(given(delta.reasoning_content).map(|text| json!({"text": text, "thought": true})));
        let texts = [given(delta.content), given(delta.refusal)].into_iter().flatten();
        parts.extend(texts.map(|text| signed(json!({"text": text}), &delta.extra_content)));
        parts.extend(delta.images.iter().filter_map(picture));
        for call in delta.tool_calls {
            let Call { index, id, function, extra_content } = call;
            let known = self.calls.entry(index).or_default();
            known.id = known.id.take().or(id);
            known.name.push_str(function.name.as_deref().unwrap_or_default());
            known.arguments.push_str(function.arguments.as_deref().unwrap_or_default());
            if !extra_content.is_null() {
                known.extra = extra_content;
            }
        }
        parts
    }
}

impl Called {
    fn part(self) -> Value {
        signed(called(&self.id.into(), &self.name.into(), &self.arguments), &self.extra)
    }
}
