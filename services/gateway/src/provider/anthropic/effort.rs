//! How hard is a model to think? OpenAI says `reasoning_effort`; Anthropic's models take an effort, older ones a budget.

use crate::provider::translate::request::Request;
use serde_json::{Map, Value, json};

/// Models that think within a budget of tokens. Later ones decide themselves, by the effort that is asked for.
const WITH_BUDGET: &[&str] = &[
    "claude-3-7-",
    "claude-opus-4-0",
    "claude-opus-4-1",
    "claude-opus-4-2",
    "claude-opus-4-5",
    "claude-sonnet-4-0",
    "claude-sonnet-4-2",
    "claude-sonnet-4-5",
    "claude-haiku-4-5",
];
/// The least that this API takes.
const LEAST: i64 = 1_024;

/// Writes what `reasoning_effort` asks for. `possible`: nothing else in the request rules thinking out. Gives whether the
/// model thinks within a budget, which it refuses to be combined with other settings.
pub(super) fn apply(
    request: &Request,
    model: &str,
    max_tokens: i64,
    possible: bool,
    body: &mut Map<String, Value>,
    dropped: &mut Vec<String>,
) -> bool {
    // A client that knows this API has said it better.
    if let Some(thinking) = body.get("thinking") {
        let thinks = thinking["type"] == "enabled";
        if request.reasoning_effort.is_some() {
            dropped.push("reasoning_effort".to_owned());
        }
        return thinks;
    }
    let Some(effort) = request.reasoning_effort.as_deref() else { return false };
    if effort == "none" {
        body.insert("thinking".to_owned(), json!({"type": "disabled"}));
        return false;
    }
    if !possible {
        dropped.push("reasoning_effort".to_owned());
        return false;
    }
    if !WITH_BUDGET.iter().any(|prefix| model.starts_with(prefix)) {
        let effort = if effort == "minimal" { "low" } else { effort };
        body.insert("thinking".to_owned(), json!({"type": "adaptive"}));
        body.entry("output_config").or_insert_with(|| json!({}))["effort"] = effort.into();
        return false;
    }
    let budget = match effort {
        "minimal" => LEAST,
        "low" => 2_048,
        "medium" => 8_192,
        _ => 16_384,
    };
    // The budget is a part of all output, and something has to be left for the answer.
    let budget = budget.min(max_tokens.saturating_sub(LEAST));
    if budget < LEAST {
        dropped.push("reasoning_effort".to_owned());
        return false;
    }
    body.insert("thinking".to_owned(), json!({"type": "enabled", "budget_tokens": budget}));
    true
}
