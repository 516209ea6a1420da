//! What does OpenAI's `usage` mean in buckets that do not overlap?

use proto::usage::Tokens;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// `usage` of a chat completion. Servers that imitate OpenAI leave parts of it out, or null.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    #[serde(deserialize_with = "count")]
    prompt_tokens: i64,
    #[serde(deserialize_with = "count")]
    completion_tokens: i64,
    prompt_tokens_details: Option<Details>,
    completion_tokens_details: Option<Details>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    #[serde(deserialize_with = "count")]
    cached_tokens: i64,
    #[serde(deserialize_with = "count")]
    audio_tokens: i64,
    #[serde(deserialize_with = "count")]
    reasoning_tokens: i64,
}

/// The buckets of a `usage` object. None if it cannot be one.
pub(crate) fn read(usage: &RawValue) -> Option<Tokens> {
    if !usage.get().starts_with('{') {
        return None;
    }
    let usage: Usage = serde_json::from_str(usage.get()).ok()?;
    let prompt = usage.prompt_tokens_details.unwrap_or_default();
    let completion = usage.completion_tokens_details.unwrap_or_default();
    // OpenAI counts cached and audio tokens in the totals; a part can never be more than its whole.
    let cache_read = prompt.cached_tokens.min(usage.prompt_tokens);
    let audio_input = prompt.audio_tokens.min(usage.prompt_tokens - cache_read);
    let audio_output = completion.audio_tokens.min(usage.completion_tokens);
    let output = usage.completion_tokens - audio_output;
    Some(Tokens {
        input: usage.prompt_tokens - cache_read - audio_input,
        cache_read,
        audio_input,
        output,
        audio_output,
        reasoning: completion.reasoning_tokens.min(output),
        ..Tokens::default()
    })
}

/// A number of tokens: null and nonsense are none.
fn count<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    let number = Option::<serde_json::Number>::deserialize(from)?;
    let whole = number.and_then(|n| n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)));
    Ok(whole.unwrap_or(0).clamp(0, i64::from(u32::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(json: &str) -> Option<Tokens> {
        read(serde_json::from_str(json).expect("JSON"))
    }

    #[test]
    fn totals_are_split_so_that_nothing_is_counted_twice() {
        let json = r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":30,"audio_tokens":10},
            "completion_tokens_details":{"reasoning_tokens":20,"audio_tokens":5,"accepted_prediction_tokens":0}}"#;
        let expected = Tokens {
            input: 60,
            cache_read: 30,
            audio_input: 10,
            output: 45,
            audio_output: 5,
            reasoning: 20,
            ..Tokens::default()
        };
        assert_eq!(tokens(json), Some(expected));
    }

    #[test]
    fn imitations_that_leave_things_out_are_still_understood() {
        let simple = Tokens { input: 3, output: 2, ..Tokens::default() };
        assert_eq!(tokens(r#"{"prompt_tokens":3,"completion_tokens":2.0,"prompt_tokens_details":null}"#), Some(simple));
        let odd = r#"{"prompt_tokens":3,"completion_tokens":null,"prompt_tokens_details":{"cached_tokens":9}}"#;
        assert_eq!(tokens(odd), Some(Tokens { cache_read: 3, ..Tokens::default() }));
        assert_eq!(tokens("null"), None);
        assert_eq!(tokens("[1]"), None);
    }
}
