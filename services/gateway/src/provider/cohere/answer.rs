//! Cohere's response as a chat completion.

use crate::provider::{
    Fault, FaultKind,
    translate::answer::{Call, Choice, Counted, Face, Finish, Said, Usage, whole},
};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
pub(super) struct Response {
    id: Option<String>,
    finish_reason: Option<String>,
    message: Message,
    usage: Option<Reported>,
    logprobs: Option<Vec<Logprob>>,
}

#[derive(Debug, Deserialize)]
struct Message {
    content: Option<Vec<Part>>,
    tool_plan: Option<String>,
    tool_calls: Option<Vec<ToolCall>>,
    citations: Option<Value>,
}

/// Text, or thinking.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Part {
    pub text: Option<String>,
    pub thinking: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ToolCall {
    pub id: String,
    pub function: Function,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    pub name: String,
    pub arguments: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Logprob {
    text: String,
    logprobs: Vec<f64>,
}

/// `usage`. What is billed is what counts; it leaves out what Cohere itself adds to a prompt.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Reported {
    billed_units: Option<Numbers>,
    tokens: Option<Numbers>,
    cached_tokens: Option<f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(default)]
struct Numbers {
    input_tokens: f64,
    output_tokens: f64,
}

impl Reported {
    pub(super) fn usage(&self) -> Option<Usage> {
        let numbers = self.billed_units.or(self.tokens)?;
        let whole = |number: f64| number.max(0.0).round() as i64;
        let prompt = whole(numbers.input_tokens);
        let cache_read = whole(self.cached_tokens.unwrap_or(0.0)).min(prompt);
        let completion = whole(numbers.output_tokens);
        Some(Usage::Counted(Counted { prompt, completion, cache_read, ..Counted::default() }))
    }
}

/// Errors: the model broke, and what it said is no answer.
pub(super) fn finish(reason: &str) -> Result<Finish, Fault> {
    Ok(match reason {
        "MAX_TOKENS" => Finish::Length,
        "TOOL_CALL" => Finish::ToolCalls,
        "ERROR" | "TIMEOUT" => {
            let said = format!("the model ended with {reason}");
            return Err(Fault { may_have_worked: true, ..Fault::new(FaultKind::Reported(said)) });
        }
        _ => Finish::Stop,
    })
}

pub(super) fn write(face: Face, response: Response) -> Result<Bytes, Fault> {
    let mut said = Said { reasoning_content: response.message.tool_plan, ..Said::default() };
    for part in response.message.content.into_iter().flatten() {
        if let Some(text) = part.text {
            said.content.get_or_insert_default().push_str(&text);
        }
        if let Some(thinking) = part.thinking {
            said.reasoning_content.get_or_insert_default().push_str(&thinking);
        }
    }
    for ToolCall { id, function } in response.message.tool_calls.into_iter().flatten() {
        said.tool_calls.push(Call::whole(id, function.name, function.arguments));
    }
    said.extra_content = response.message.citations.map(|citations| json!({"cohere": {"citations": citations}}));
    let finish = finish(response.finish_reason.as_deref().unwrap_or_default())?;
    let logprobs = response.logprobs.map(|all| {
        let token = |l: &Logprob| {
            let sum: f64 = l.logprobs.iter().sum();
            json!({"token": l.text, "logprob": sum, "bytes": l.text.as_bytes(), "top_logprobs": []})
        };
        json!({"content": all.iter().map(token).collect::<Vec<_>>(), "refusal": null})
    });
    let face = Face { id: response.id.unwrap_or(face.id), ..face };
    let usage = response.usage.and_then(|usage| usage.usage());
    Ok(whole(&face, vec![Choice { index: 0, said, finish, logprobs }], usage))
}
