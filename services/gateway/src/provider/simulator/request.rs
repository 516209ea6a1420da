//! What is the simulator asked? Reads a chat completion as far as its answer depends on it.

use super::pieces;
use serde::Deserialize;
use serde_json::Value;

/// How much of a text is repeated in an answer, in characters.
const ECHO: usize = 200;
const ROLES: &[&str] = &["system", "developer", "user", "assistant", "tool", "function"];

/// How to answer: the request's `simulator` object, or a provider's options.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Options {
    /// Answer this.
    pub text: Option<String>,
    /// Answer with so many tokens.
    pub tokens: Option<usize>,
    /// Pause before each chunk of a stream.
    pub chunk_delay_ms: Option<u64>,
    /// Pause before the head of the answer.
    pub first_delay_ms: Option<u64>,
    /// Fail after so many chunks with content; a model that would not fail closes the connection then.
    pub fail_after_chunks: Option<usize>,
}

/// A function that may be called.
#[derive(Clone, Debug)]
pub(super) struct Tool {
    pub name: String,
    pub parameters: Value,
}

/// What form the text must have.
#[derive(Clone, Debug)]
pub(super) enum Format {
    Text,
    JsonObject,
    JsonSchema { name: String, schema: Value },
}

#[derive(Clone, Debug)]
pub(super) struct Request {
    pub options: Options,
    /// The text of the last message, as much as is repeated.
    pub last_text: String,
    /// What is fenced as JSON in the first question: what a structured question is about.
    pub fenced: Option<Value>,
    /// The last message is the result of a tool.
    pub after_tool: bool,
    /// Tools to call now.
    pub calls: Vec<Tool>,
    pub format: Format,
    pub choices: usize,
    pub stop: Vec<String>,
    pub max_tokens: Option<usize>,
    pub prompt_tokens: i64,
    /// The same request has the same.
    pub fingerprint: u64,
}

impl Request {
    /// Reads a request. Errors: a sentence about what OpenAI would refuse as well.
    pub(super) fn read(body: &[u8], defaults: &Options) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(body).map_err(|e| format!("the body is not valid JSON: {e}"))?;
        let messages = value["messages"].as_array().filter(|m| !m.is_empty()).ok_or("'messages' must not be empty")?;
        for message in messages {
            let role = message["role"].as_str().ok_or("each message needs a 'role'")?;
            if !ROLES.contains(&role) {
                return Err(format!("'{role}' is not a role; the roles are {}", ROLES.join(", ")));
            }
        }
        let texts: Vec<String> = messages.iter().map(|m| text_of(&m["content"])).collect();
        let role = messages.last().and_then(|m| m["role"].as_str()).unwrap_or_default();
        let last = texts.last().map(String::as_str).unwrap_or_default();
        let size = |name: &str| value[name].as_u64().and_then(|n| usize::try_from(n).ok());
        Ok(Self {
            options: options(&value["simulator"], defaults)?,
            last_text: last.chars().take(ECHO).collect(),
            fenced: fenced(messages, &texts),
            after_tool: role == "tool" || role == "function",
            calls: if role == "user" { calls(&value, last) } else { vec![] },
            format: format(&value["response_format"])?,
            choices: size("n").unwrap_or(1).clamp(1, 128),
            stop: strings(&value["stop"]),
            max_tokens: size("max_completion_tokens").or(size("max_tokens")),
            // Four for each message, as OpenAI's own chat format has some.
            prompt_tokens: texts.iter().map(|t| pieces::count(t) + 4).sum(),
            fingerprint: fingerprint(body),
        })
    }
}

/// How to answer a request that is no chat.
pub(super) fn options_of(body: &[u8], defaults: &Options) -> Result<Options, String> {
    #[derive(Default, Deserialize)]
    struct Own {
        #[serde(default)]
        simulator: Value,
    }
    // A form has none.
    options(&serde_json::from_slice::<Own>(body).unwrap_or_default().simulator, defaults)
}

/// The request's own options, else the provider's.
fn options(own: &Value, defaults: &Options) -> Result<Options, String> {
    if own.is_null() {
        return Ok(defaults.clone());
    }
    let own: Options = serde_json::from_value(own.clone()).map_err(|e| format!("'simulator' cannot be read: {e}"))?;
    Ok(Options {
        text: own.text.or_else(|| defaults.text.clone()),
        tokens: own.tokens.or(defaults.tokens),
        chunk_delay_ms: own.chunk_delay_ms.or(defaults.chunk_delay_ms),
        first_delay_ms: own.first_delay_ms.or(defaults.first_delay_ms),
        fail_after_chunks: own.fail_after_chunks.or(defaults.fail_after_chunks),
    })
}

/// The text of a message's content: a string, or parts of which some are text.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|p| p["text"].as_str()).collect::<Vec<_>>().join("\n"),
        _ => String::new(),
    }
}

/// The JSON between the first fence of a question and its end.
fn fenced(messages: &[Value], texts: &[String]) -> Option<Value> {
    let asked = messages.iter().zip(texts).find(|(message, _)| message["role"] == "user")?.1;
    let rest = asked.split_once("```json\n")?.1;
    serde_json::from_str(rest.split_once("\n```")?.0).ok()
}

/// The tools to call: the one that is forced, or those that the text mentions; the first if one is required.
fn calls(value: &Value, text: &str) -> Vec<Tool> {
    let tools: Vec<Tool> = value["tools"].as_array().into_iter().flatten().filter_map(tool).collect();
    let choice = &value["tool_choice"];
    if choice == "none" {
        return vec![];
    }
    if let Some(name) = choice["function"]["name"].as_str() {
        return tools.into_iter().filter(|t| t.name == name).take(1).collect();
    }
    let text = text.to_lowercase();
    let mut mentioned: Vec<Tool> = tools.iter().filter(|t| mentions(&text, &t.name)).cloned().collect();
    if value["parallel_tool_calls"] == false {
        mentioned.truncate(1);
    }
    if mentioned.is_empty() && choice == "required" { tools.into_iter().take(1).collect() } else { mentioned }
}

fn tool(value: &Value) -> Option<Tool> {
    let function = &value["function"];
    Some(Tool { name: function["name"].as_str()?.to_owned(), parameters: function["parameters"].clone() })
}

/// Whether a text speaks of a tool: its name, or a word of it that means something.
fn mentions(text: &str, name: &str) -> bool {
    let name = name.to_lowercase();
    let mut words = name.split(|c: char| !c.is_alphanumeric()).filter(|w| w.chars().count() > 3);
    text.contains(&name) || words.any(|word| text.contains(word))
}

fn format(value: &Value) -> Result<Format, String> {
    match value["type"].as_str() {
        None | Some("text") => Ok(Format::Text),
        Some("json_object") => Ok(Format::JsonObject),
        Some("json_schema") => {
            let schema = &value["json_schema"]["schema"];
            let is_schema = schema.is_object();
            let name = value["json_schema"]["name"].as_str().unwrap_or_default().to_owned();
            is_schema
                .then(|| Format::JsonSchema { name, schema: schema.clone() })
                .ok_or("'response_format.json_schema.schema' is required".to_owned())
        }
        Some(other) => Err(format!("'{other}' is not a response format")),
    }
}

fn strings(value: &Value) -> Vec<String> {
    let one = value.as_str().into_iter();
    let many = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    one.chain(many).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

/// FNV-1a: the same on every machine, which the standard hasher does not promise.
pub(super) fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
