//! A chunk of a chat completion as types, for those who tell it in other words.

use crate::provider::fault::Fault;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    pub id: Option<String>,
    pub model: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub choices: Vec<Choice>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub index: i64,
    #[serde(default, deserialize_with = "or_default")]
    pub delta: Delta,
    /// How likely its tokens were, where that was asked for.
    #[serde(default)]
    pub logprobs: Value,
    pub finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delta {
    pub content: Option<String>,
    pub refusal: Option<String>,
    #[serde(alias = "reasoning")]
    pub reasoning_content: Option<String>,
    /// Anthropic's thinking with its signatures, complete.
    #[serde(deserialize_with = "or_default")]
    pub thinking_blocks: Vec<Value>,
    #[serde(deserialize_with = "or_default")]
    pub tool_calls: Vec<Call>,
    /// Pictures as data URLs.
    #[serde(deserialize_with = "or_default")]
    pub images: Vec<Value>,
    /// What OpenAI has no name for, by provider.
    pub extra_content: Value,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Call {
    #[serde(default)]
    pub index: usize,
    pub id: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub function: Function,
    #[serde(default)]
    pub extra_content: Value,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Function {
    pub name: Option<String>,
    pub arguments: Option<String>,
}

impl Chunk {
    /// Errors: it is none.
    pub(super) fn read(data: &[u8]) -> Result<Self, Fault> {
        serde_json::from_slice(data).map_err(|_| Fault::malformed("a chunk that cannot be read"))
    }
}

/// Servers write null for what is not there.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}
