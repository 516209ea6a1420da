//! What does a token of each bucket cost?

use super::{amount::Amount, decimal};
use crate::tokens;
use proto::usage::Tokens;
use serde::{Deserialize, Serialize};

/// Prices of a document: decimal numbers per million tokens. A bucket without one costs what the bucket costs that it
/// would be in otherwise: caches, sound and images what plain input or output does, a write for an hour what one for
/// five minutes does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct UnitTexts {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_read: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_5m: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write_1h: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_input: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_output: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image_output: Option<String>,
}

/// Buckets that are input; the others are output.
const INPUTS: usize = 6;

/// Prices in 10⁻¹² units of a currency per million tokens, in the order of the buckets. None: not sold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Units([Option<i128>; 9]);

impl UnitTexts {
    /// What is priced here, and what `below` says otherwise. Errors: a sentence that names the bucket.
    pub(super) fn units(&self, below: &Units) -> Result<Units, String> {
        let mut units = *below;
        for ((bucket, text), unit) in self.buckets().into_iter().zip(&mut units.0) {
            let Some(text) = text else { continue };
            *unit = Some(decimal::parse(text).ok_or_else(|| {
                format!(
                    "{bucket} must be a decimal number from 0 to 10000 with at most 12 digits after the point, such as \
                     \"1.25\""
                )
            })?);
        }
        Ok(units)
    }

    /// What is priced, by the name of its bucket.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'static str, &String)> {
        self.buckets().into_iter().filter_map(|(bucket, text)| Some((bucket, text.as_ref()?)))
    }

    const fn buckets(&self) -> [(&'static str, &Option<String>); 9] {
        [
            ("input", &self.input),
            ("cache_read", &self.cache_read),
            ("cache_write_5m", &self.cache_write_5m),
            ("cache_write_1h", &self.cache_write_1h),
            ("audio_input", &self.audio_input),
            ("image_input", &self.image_input),
            ("output", &self.output),
            ("audio_output", &self.audio_output),
            ("image_output", &self.image_output),
        ]
    }
}

impl Units {
    /// Whether anything is priced.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }

    /// None: a bucket that was used has no price.
    pub fn cost(&self, used: &Tokens) -> Option<Amount> {
        let counts = tokens::buckets(used);
        let each = self.filled().into_iter().zip(counts).filter(|(_, count)| *count != 0);
        each.map(|(unit, count)| unit?.checked_mul(i128::from(count)))
            .try_fold(0i128, |sum, amount| sum.checked_add(amount?))
            .map(Amount)
    }

    /// The most that so many tokens cost, in whatever buckets.
    pub fn most(&self, input: i64, output: i64) -> Option<Amount> {
        let filled = self.filled();
        let most = |units: &[Option<i128>], count: i64| match count {
            0 => Some(0),
            _ => units.iter().flatten().max()?.checked_mul(i128::from(count)),
        };
        most(&filled[..INPUTS], input)?.checked_add(most(&filled[INPUTS..], output)?).map(Amount)
    }

    /// With the prices of buckets that have none of their own.
    const fn filled(&self) -> [Option<i128>; 9] {
        let [input, cache_read, write_5m, write_1h, audio_input, image_input, output, audio_output, image_output] =
            self.0;
        let write_5m = or(write_5m, input);
        [
            input,
            or(cache_read, input),
            write_5m,
            or(write_1h, write_5m),
            or(audio_input, input),
            or(image_input, input),
            output,
            or(audio_output, output),
            or(image_output, output),
        ]
    }
}

const fn or(own: Option<i128>, other: Option<i128>) -> Option<i128> {
    if own.is_some() { own } else { other }
}
