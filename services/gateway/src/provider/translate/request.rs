//! A client's chat completion as types, for dialects that have to say it in other words.

use crate::provider::{Ask, Fault};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Number, Value};
use std::collections::HashMap;

/// A chat completion. What is null counts as not there.
#[derive(Debug, Deserialize)]
pub(in crate::provider) struct Request {
    pub messages: Vec<Message>,
    #[serde(default, deserialize_with = "or_default")]
    pub tools: Vec<Tool>,
    pub tool_choice: Option<Value>,
    pub parallel_tool_calls: Option<bool>,
    pub max_tokens: Option<i64>,
    pub max_completion_tokens: Option<i64>,
    pub temperature: Option<Number>,
    pub top_p: Option<Number>,
    pub n: Option<i64>,
    #[serde(default, deserialize_with = "one_or_many")]
    pub stop: Vec<String>,
    pub seed: Option<Number>,
    pub frequency_penalty: Option<Number>,
    pub presence_penalty: Option<Number>,
    pub logprobs: Option<bool>,
    pub top_logprobs: Option<i64>,
    pub response_format: Option<ResponseFormat>,
    pub reasoning_effort: Option<String>,
    /// Everything else, by name.
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct Message {
    pub role: Role,
    pub content: Option<Content>,
    pub name: Option<String>,
    pub tool_call_id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub tool_calls: Vec<ToolCall>,
    pub refusal: Option<String>,
    #[serde(alias = "reasoning")]
    pub reasoning_content: Option<String>,
    /// Anthropic's thinking, with its signatures.
    #[serde(default, deserialize_with = "or_default")]
    pub thinking_blocks: Vec<Value>,
    pub extra_content: Option<Value>,
    pub cache_control: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(in crate::provider) enum Role {
    System,
    Developer,
    User,
    Assistant,
    Tool,
    /// OpenAI's former name for tools.
    Function,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(in crate::provider) enum Content {
    Text(String),
    Parts(Vec<Part>),
}

/// A part of a message. Which field is there depends on `kind`.
#[derive(Debug, Default, Deserialize)]
pub(in crate::provider) struct Part {
    #[serde(rename = "type")]
    pub kind: String,
    pub text: Option<String>,
    pub refusal: Option<String>,
    #[serde(default, deserialize_with = "url")]
    pub image_url: Option<String>,
    pub input_audio: Option<Audio>,
    pub file: Option<File>,
    pub cache_control: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct Audio {
    /// Base64.
    pub data: String,
    /// `wav` or `mp3`.
    pub format: String,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct File {
    /// A data URL.
    pub file_data: Option<String>,
    pub filename: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct ToolCall {
    pub id: Option<String>,
    pub function: CalledFunction,
    pub extra_content: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct CalledFunction {
    pub name: String,
    #[serde(default)]
    pub arguments: Value,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct Tool {
    #[serde(rename = "type")]
    pub kind: String,
    pub function: Option<FunctionTool>,
    pub cache_control: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct FunctionTool {
    pub name: String,
    pub description: Option<String>,
    pub parameters: Option<Value>,
    pub strict: Option<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(in crate::provider) enum ResponseFormat {
    Text,
    JsonObject,
    JsonSchema { json_schema: JsonSchema },
}

#[derive(Debug, Deserialize)]
pub(in crate::provider) struct JsonSchema {
    pub schema: Option<Value>,
}

/// Which tools a model may or must call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::provider) enum ToolChoice {
    Auto,
    None,
    Required,
    /// This one.
    Function(String),
}

impl Request {
    /// Reads the client's bytes. Errors name the field that is not of the form that OpenAI takes.
    pub(in crate::provider) fn read(ask: &Ask<'_>) -> Result<Self, Fault> {
        let mut json = serde_json::Deserializer::from_slice(ask.body);
        serde_path_to_error::deserialize(&mut json).map_err(|error| {
            let (path, inner) = (error.path().to_string(), error.inner().to_string());
            // Where in the text it stands says less than which field it is.
            let problem = inner.split(" at line ").next().unwrap_or_default();
            let path = if path == "." || path.is_empty() { "body".to_owned() } else { path };
            Fault::invalid(path, format!("is not as OpenAI's API takes it: {problem}"))
        })
    }

    /// Output tokens that the client allows.
    pub(in crate::provider) fn max_output(&self) -> Option<i64> {
        self.max_completion_tokens.or(self.max_tokens)
    }

    /// Errors: a choice that is none of OpenAI's, or of a tool that is no function.
    pub(in crate::provider) fn choice(&self) -> Result<Option<ToolChoice>, Fault> {
        let wrong = || Fault::invalid("tool_choice", "must be none, auto, required or a function");
        let choice = match self.tool_choice.as_ref() {
            None => return Ok(None),
            Some(Value::String(word)) => match word.as_str() {
                "auto" => ToolChoice::Auto,
                "none" => ToolChoice::None,
                "required" | "any" => ToolChoice::Required,
                _ => return Err(wrong()),
            },
            Some(object) => ToolChoice::Function(object["function"]["name"].as_str().ok_or_else(wrong)?.to_owned()),
        };
        Ok(Some(choice))
    }

    /// The functions among the tools, with their cache marks. Errors: another kind of tool.
    pub(in crate::provider) fn functions<'a>(&'a self) -> Result<Vec<(&'a FunctionTool, Option<&'a Value>)>, Fault> {
        let function = |(at, tool): (usize, &'a Tool)| match (&tool.function, tool.kind.as_str()) {
            (Some(function), "function") => Ok((function, tool.cache_control.as_ref())),
            (None, "function") => Err(Fault::invalid(format!("tools[{at}].function"), "is required")),
            _ => Err(Fault::unsupported(format!("tools[{at}].type"), "must be function for this provider")),
        };
        self.tools.iter().enumerate().map(function).collect()
    }

    /// The name of the function behind each call in the conversation, by the call's id.
    pub(in crate::provider) fn called(&self) -> HashMap<&str, &str> {
        let calls = self.messages.iter().flat_map(|m| &m.tool_calls);
        calls.filter_map(|call| Some((call.id.as_deref()?, call.function.name.as_str()))).collect()
    }
}

impl CalledFunction {
    /// The arguments as an object. A model that was asked with none may have written nothing at all, which some
    /// clients send back as they got it.
    pub(in crate::provider) fn object(&self) -> Option<Map<String, Value>> {
        match &self.arguments {
            Value::Object(object) => Some(object.clone()),
            Value::Null => Some(Map::new()),
            Value::String(text) if text.trim().is_empty() || text.trim() == "null" => Some(Map::new()),
            Value::String(text) => serde_json::from_str(text).ok(),
            _ => None,
        }
    }
}

impl Message {
    /// Errors: a tool call whose arguments are no object.
    pub(in crate::provider) fn arguments(&self, at: usize, call: usize) -> Result<Map<String, Value>, Fault> {
        let field = || format!("messages[{at}].tool_calls[{call}].function.arguments");
        self.tool_calls[call].function.object().ok_or_else(|| Fault::invalid(field(), "must be a JSON object"))
    }

    /// The message's parts; a plain text is one.
    pub(in crate::provider) fn parts(&self) -> Vec<&Part> {
        match &self.content {
            Some(Content::Parts(parts)) => parts.iter().collect(),
            Some(Content::Text(_)) | None => Vec::new(),
        }
    }

    /// All text of the message. Errors: a part that is no text.
    pub(in crate::provider) fn text(&self, at: usize) -> Result<String, Fault> {
        let mut out = match &self.content {
            Some(Content::Text(text)) => text.clone(),
            Some(Content::Parts(_)) | None => String::new(),
        };
        for (index, part) in self.parts().into_iter().enumerate() {
            let text = part.text.as_ref().or(part.refusal.as_ref());
            out.push_str(text.ok_or_else(|| part.unsupported(at, index))?);
        }
        Ok(out)
    }
}

impl Part {
    /// This kind of part is nothing that the provider takes here.
    pub(in crate::provider) fn unsupported(&self, message: usize, part: usize) -> Fault {
        let kind = &self.kind;
        Fault::unsupported(
            format!("messages[{message}].content[{part}]"),
            format!("is {kind:?}, which is not taken here"),
        )
    }
}

/// Null is the default too.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

fn one_or_many<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stop {
        One(String),
        Many(Vec<String>),
    }
    Ok(match Option::<Stop>::deserialize(from)? {
        None => Vec::new(),
        Some(Stop::One(one)) => vec![one],
        Some(Stop::Many(many)) => many,
    })
}

/// `{"url": …}`, or the URL alone as some clients write it.
fn url<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Url {
        Plain(String),
        Object { url: String },
    }
    Ok(Option::<Url>::deserialize(from)?.map(|url| match url {
        Url::Plain(url) | Url::Object { url } => url,
    }))
}
