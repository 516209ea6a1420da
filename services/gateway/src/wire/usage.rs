//! What does a provider's `usage` mean in buckets that do not overlap?
//!
//! OpenAI's shape, and what servers that imitate it make of it. Parts are taken out of their whole, unless the numbers
//! show that they were counted beside it. `usage/tests.rs` has the shapes that are known, with where they were seen.

#[cfg(test)]
mod tests;

use crate::operation::Operation;
use proto::usage::Tokens;
use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::value::RawValue;

/// More than any context holds. A provider that says so is mistaken, and nobody is billed for that.
const MOST: i64 = 100_000_000;

/// Servers leave parts of it out, or null.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Usage {
    prompt_tokens: Count,
    completion_tokens: Count,
    total_tokens: Count,
    prompt_tokens_details: Part<Details>,
    completion_tokens_details: Part<Details>,
    /// As OpenAI's Responses and Anthropic's Messages name them.
    input_tokens: Count,
    output_tokens: Count,
    /// Of transcripts in the singular.
    #[serde(alias = "input_token_details")]
    input_tokens_details: Part<Details>,
    #[serde(alias = "output_token_details")]
    output_tokens_details: Part<Details>,
    /// Anthropic's, which gateways in front of it pass on.
    cache_read_input_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_creation: Part<Writes>,
    /// DeepSeek's.
    prompt_cache_hit_tokens: Count,
    /// Moonshot's.
    cached_tokens: Count,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Details {
    cached_tokens: Count,
    cache_write_tokens: Count,
    cache_creation_tokens: Count,
    cache_creation_token_details: Part<Writes>,
    audio_tokens: Count,
    image_tokens: Count,
    reasoning_tokens: Count,
}

/// Cache writes by how long they are kept.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Writes {
    ephemeral_5m_input_tokens: Count,
    ephemeral_1h_input_tokens: Count,
}

/// A number of tokens: null and nonsense are none.
#[derive(Clone, Copy, Debug, Default)]
struct Count(i64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let number = Option::<serde_json::Number>::deserialize(from)?;
        let whole = number.and_then(|n| n.as_i64().or_else(|| n.as_f64().map(|f| f as i64)));
        Ok(Self(whole.unwrap_or(0).max(0)))
    }
}

/// An object within it; none where it is something else.
#[derive(Debug, Default)]
struct Part<T>(Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Part<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(from)?;
        Ok(Self(Some(raw.get()).filter(|raw| raw.starts_with('{')).and_then(|raw| serde_json::from_str(raw).ok())))
    }
}

impl<T: Default> Part<T> {
    /// This one, or the other, or an empty one.
    fn or(self, other: Self) -> T {
        self.0.or(other.0).unwrap_or_default()
    }
}

/// The buckets of a `usage` object. None if it cannot be one, or cannot be true.
pub(crate) fn read(usage: &RawValue) -> Option<Tokens> {
    if !usage.get().starts_with('{') {
        return None;
    }
    let usage: Usage = serde_json::from_str(usage.get()).ok()?;
    let prompt = usage.prompt_tokens_details.or(usage.input_tokens_details);
    let completion = usage.completion_tokens_details.or(usage.output_tokens_details);
    let asked = first([usage.prompt_tokens, usage.input_tokens]);
    let answered = first([usage.completion_tokens, usage.output_tokens]);
    let total = usage.total_tokens.0;
    if asked.max(answered).max(total) > MOST {
        tracing::warn!(asked, answered, total, "a provider reports more tokens than there can be: ours are counted");
        return None;
    }
    let read = first([
        prompt.cached_tokens,
        usage.cached_tokens,
        usage.prompt_cache_hit_tokens,
        usage.cache_read_input_tokens,
    ]);
    let by_age = usage.cache_creation.or(prompt.cache_creation_token_details);
    let (short, long) = (by_age.ephemeral_5m_input_tokens.0, by_age.ephemeral_1h_input_tokens.0);
    let written = [prompt.cache_write_tokens, prompt.cache_creation_tokens, usage.cache_creation_input_tokens];
    let written = first(written).max(short.saturating_add(long));
    if read.max(written) > MOST {
        return None;
    }
    // Anthropic counts what is cached beside the input, OpenAI within it; gateways have Anthropic's names for both.
    let anthropic = first([usage.cache_read_input_tokens, usage.cache_creation_input_tokens]) > 0;
    let beside = usage.prompt_tokens.0 == 0 || read + written > asked || total == asked + answered + read + written;
    let beside = anthropic && beside;
    let mut input = Whole(if beside { asked + read + written } else { asked });
    // What else the total holds is thinking, which xAI and Gemini count beside the answer.
    let thought = total.saturating_sub(input.0 + answered).max(0);
    let reasoning = completion.reasoning_tokens.0;
    let thought = if thought == 0 && reasoning > answered { reasoning } else { thought };
    let mut output = Whole((answered + thought).min(MOST));
    let cache_read = input.take(read);
    let cache_write_1h = input.take(long);
    let cache_write_5m = input.take(written.saturating_sub(long));
    let (audio_input, image_input) = (input.take(prompt.audio_tokens.0), input.take(prompt.image_tokens.0));
    let (audio_output, image_output) = (output.take(completion.audio_tokens.0), output.take(completion.image_tokens.0));
    Some(Tokens {
        input: input.0,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        audio_input,
        image_input,
        output: output.0,
        audio_output,
        image_output,
        reasoning: reasoning.max(thought).min(output.0),
    })
}

/// The same of an operation that has no output: whatever is counted was asked.
pub(crate) fn read_of(operation: Operation, usage: &RawValue) -> Option<Tokens> {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        r#type: Option<std::borrow::Cow<'a, str>>,
    }
    // Seconds are no tokens, and nothing is not what was used.
    let kind = serde_json::from_str::<Kind<'_>>(usage.get()).ok().and_then(|kind| kind.r#type);
    if kind.is_some_and(|kind| kind == "duration") {
        return None;
    }
    let tokens = read(usage)?;
    if operation.has_output() {
        return Some(tokens);
    }
    // Some say the total only.
    Some(Tokens { input: tokens.input.saturating_add(tokens.output), output: 0, reasoning: 0, ..tokens })
}

/// All input, and all output.
pub(crate) const fn sums(tokens: &Tokens) -> (i64, i64) {
    let Tokens { input, cache_read, cache_write_5m, cache_write_1h, audio_input, image_input, .. } = *tokens;
    let asked = input + cache_read + cache_write_5m + cache_write_1h + audio_input + image_input;
    (asked, tokens.output + tokens.audio_output + tokens.image_output)
}

/// What is left of a whole.
struct Whole(i64);

impl Whole {
    /// Takes a part out, as far as it is there.
    fn take(&mut self, part: i64) -> i64 {
        let part = part.min(self.0);
        self.0 -= part;
        part
    }
}

/// The first of several names for the same that has a number.
fn first<const N: usize>(names: [Count; N]) -> i64 {
    names.into_iter().map(|count| count.0).find(|count| *count > 0).unwrap_or(0)
}
