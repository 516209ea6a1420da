//! What does the simulator answer?

use super::{
    business, pieces,
    request::{Format, Request},
    schema,
};
use serde_json::{Value, json};

/// Words for answers of a chosen length.
const FILLER: &[&str] = &[
    "The",
    " simulator",
    " answers",
    " with",
    " as",
    " many",
    " tokens",
    " as",
    " it",
    " was",
    " asked",
    " for.",
    " ",
];

/// One answer, with all its choices.
pub(super) struct Reply {
    pub choices: Vec<Choice>,
    pub completion_tokens: i64,
}

pub(super) struct Choice {
    pub content: Content,
    /// `stop`, `length` or `tool_calls`.
    pub finish_reason: &'static str,
}

pub(super) enum Content {
    Text(String),
    Calls(Vec<Call>),
}

pub(super) struct Call {
    pub id: String,
    pub name: String,
    /// A JSON text.
    pub arguments: String,
}

/// The answer to a request: always the same to the same one.
pub(super) fn reply(request: &Request) -> Reply {
    let choices: Vec<Choice> = (0..request.choices).map(|index| choice(request, index)).collect();
    let completion_tokens = choices.iter().map(|c| tokens(&c.content)).sum();
    Reply { choices, completion_tokens }
}

fn choice(request: &Request, index: usize) -> Choice {
    if !request.calls.is_empty() {
        return Choice { content: Content::Calls(calls(request, index)), finish_reason: "tool_calls" };
    }
    let (text, finish_reason) = shorten(text(request, index), request);
    Choice { content: Content::Text(text), finish_reason }
}

fn text(request: &Request, index: usize) -> String {
    if let Some(text) = &request.options.text {
        return text.clone();
    }
    if let Some(tokens) = request.options.tokens {
        let filler = &FILLER[..FILLER.len() - 1];
        return (0..tokens)
            .map(|n| if n > 0 && n % filler.len() == 0 { " The" } else { filler[n % filler.len()] })
            .collect();
    }
    let subject = &request.last_text;
    let plain = if request.after_tool {
        format!("The tool answered: {subject}")
    } else {
        format!("This is the simulator. You said: {subject}")
    };
    let plain = if index == 0 { plain } else { format!("{plain} (choice {})", index + 1) };
    match &request.format {
        Format::Text => plain,
        Format::JsonObject => json!({"answer": plain}).to_string(),
        Format::JsonSchema { name, schema } => {
            let known = request.fenced.as_ref().and_then(|data| business::answer(name, data));
            known.unwrap_or_else(|| schema::example(schema)).to_string()
        }
    }
}

/// Ends a text at a stop sequence, or at the most tokens that it may have.
fn shorten(mut text: String, request: &Request) -> (String, &'static str) {
    if let Some(at) = request.stop.iter().filter_map(|stop| text.find(stop.as_str())).min() {
        text.truncate(at);
    }
    match request.max_tokens {
        Some(most) if pieces::pieces(&text).len() > most => (pieces::pieces(&text)[..most].concat(), "length"),
        _ => (text, "stop"),
    }
}

fn calls(request: &Request, index: usize) -> Vec<Call> {
    let call = |(n, tool): (usize, &super::request::Tool)| {
        let arguments = match &tool.parameters {
            Value::Null => json!({}),
            parameters => schema::example(parameters),
        };
        let id = format!("call_{:016x}{index:04x}{n:04x}", request.fingerprint);
        Call { id, name: tool.name.clone(), arguments: arguments.to_string() }
    };
    request.calls.iter().enumerate().map(call).collect()
}

fn tokens(content: &Content) -> i64 {
    match content {
        Content::Text(text) => pieces::count(text),
        Content::Calls(calls) => calls.iter().map(|c| pieces::count(&c.name) + pieces::count(&c.arguments)).sum(),
    }
}
