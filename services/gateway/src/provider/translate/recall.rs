//! What a provider wants back beside a tool call, for clients that lose it.
//!
//! Some models sign or show their thinking and refuse the next turn without it; many clients send back what OpenAI has
//! fields for and nothing else. It is remembered in memory for a while, by provider and id of the call, never by its text.

use moka::sync::Cache;
use serde_json::Value;
use std::time::Duration;

/// How long a conversation may pause between a tool call and its result.
const KEEP: Duration = Duration::from_secs(60 * 60);
/// All of it together, in bytes.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// What is larger than this is not kept.
const MOST_EACH: usize = 256 * 1024;

/// Shared by all providers of the process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recall(Cache<(String, String), Value>);

impl Default for Recall {
    fn default() -> Self {
        let weight = |key: &(String, String), value: &Value| {
            u32::try_from(key.0.len() + key.1.len() + size(value)).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(MOST_BYTES).weigher(weight).time_to_live(KEEP).build())
    }
}

impl Recall {
    /// With this call came `what`.
    pub(in crate::provider) fn keep(&self, provider: &str, call: &str, what: Value) {
        if !call.is_empty() && size(&what) <= MOST_EACH {
            self.0.insert((provider.to_owned(), call.to_owned()), what);
        }
    }

    /// What came with this call.
    pub(in crate::provider) fn of(&self, provider: &str, call: &str) -> Option<Value> {
        self.0.get(&(provider.to_owned(), call.to_owned()))
    }
}

/// About how many bytes it is.
fn size(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(all) => all.iter().map(size).sum(),
        Value::Object(all) => all.iter().map(|(name, value)| name.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 8,
    }
}
