//! How are token buckets added up?

use proto::usage::Tokens;
use serde::Serialize;

/// Buckets as the columns of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TokenColumns {
    input_tokens: i64,
    cache_read_tokens: i64,
    cache_write_5m_tokens: i64,
    cache_write_1h_tokens: i64,
    audio_input_tokens: i64,
    image_input_tokens: i64,
    output_tokens: i64,
    audio_output_tokens: i64,
    image_output_tokens: i64,
    reasoning_tokens: i64,
}

impl From<TokenColumns> for Tokens {
    fn from(c: TokenColumns) -> Self {
        Self {
            input: c.input_tokens,
            cache_read: c.cache_read_tokens,
            cache_write_5m: c.cache_write_5m_tokens,
            audio_input: c.audio_input_tokens,
            output: c.output_tokens,
            audio_output: c.audio_output_tokens,
            reasoning: c.reasoning_tokens,
            cache_write_1h: c.cache_write_1h_tokens,
            image_input: c.image_input_tokens,
            image_output: c.image_output_tokens,
        }
    }
}

impl From<Tokens> for TokenColumns {
    fn from(t: Tokens) -> Self {
        Self {
            input_tokens: t.input,
            cache_read_tokens: t.cache_read,
            cache_write_5m_tokens: t.cache_write_5m,
            cache_write_1h_tokens: t.cache_write_1h,
            audio_input_tokens: t.audio_input,
            image_input_tokens: t.image_input,
            output_tokens: t.output,
            audio_output_tokens: t.audio_output,
            image_output_tokens: t.image_output,
            reasoning_tokens: t.reasoning,
        }
    }
}

/// Each bucket, `reasoning` last, which is part of `output`.
pub(crate) const fn buckets(tokens: &Tokens) -> [i64; 10] {
    let Tokens {
        input,
        cache_read,
        cache_write_5m,
        audio_input,
        output,
        audio_output,
        reasoning,
        cache_write_1h,
        image_input,
        image_output,
    } = *tokens;
    [
        input,
        cache_read,
        cache_write_5m,
        cache_write_1h,
        audio_input,
        image_input,
        output,
        audio_output,
        image_output,
        reasoning,
    ]
}

const fn of(
    [input, cache_read, cache_write_5m, cache_write_1h, audio_input, image_input, rest @ ..]: [i64; 10],
) -> Tokens {
    let [output, audio_output, image_output, reasoning] = rest;
    Tokens {
        input,
        cache_read,
        cache_write_5m,
        audio_input,
        output,
        audio_output,
        reasoning,
        cache_write_1h,
        image_input,
        image_output,
    }
}

/// All input and all output: what counts against tokens per minute.
pub(crate) fn all(tokens: &Tokens) -> i64 {
    buckets(tokens)[..9].iter().sum()
}

/// All input.
pub(crate) fn input(tokens: &Tokens) -> i64 {
    buckets(tokens)[..6].iter().sum()
}

/// Bucket by bucket.
pub(crate) fn plus(a: &Tokens, b: &Tokens) -> Tokens {
    let (a, b) = (buckets(a), buckets(b));
    of(std::array::from_fn(|n| a[n] + b[n]))
}

/// Bucket by bucket; what is corrected may be less than it was.
pub(crate) fn minus(a: &Tokens, b: &Tokens) -> Tokens {
    let (a, b) = (buckets(a), buckets(b));
    of(std::array::from_fn(|n| a[n] - b[n]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bucket_has_its_place() {
        let each = of([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(buckets(&each), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!((each.cache_write_1h, each.image_output, each.reasoning), (4, 9, 10));
        assert_eq!(all(&each), 45, "reasoning is part of output");
        assert_eq!(minus(&plus(&each, &each), &each), each);
        let columns = serde_json::to_value(TokenColumns::from(each)).unwrap();
        assert_eq!((&columns["cache_write_5m_tokens"], &columns["image_input_tokens"]), (&3.into(), &6.into()));
    }
}
