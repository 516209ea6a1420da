//! What does a token of each bucket cost, and what everything else that is sold?

use super::{
    amount::{Amount, ONE},
    decimal,
};
use crate::{
    tokens,
    units::{UnitColumns, Used},
};
use proto::usage::Units as UsedUnits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Prices of a document: decimal numbers per million tokens. A bucket without one costs what the bucket costs that it
/// would be in otherwise: caches, sound and images what plain input or output does, a write for an hour what one for
/// five minutes does. What is billed by something else than tokens has a price of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// One picture that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// An hour of sound that was transcribed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio_hour: Option<String>,
    /// A million characters that were spoken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub characters: Option<String>,
    /// A thousand search units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub searches: Option<String>,
    /// One picture of a class, as `image <class>`: a quality, a size, or `<quality>/<size>`.
    #[serde(flatten)]
    pub classes: BTreeMap<String, String>,
}

/// What the name of the price of a class of pictures begins with.
const CLASS: &str = "image ";

/// Buckets that are input; the others are output.
const INPUTS: usize = 6;

/// Prices in 10⁻¹² units of a currency, in the order of the buckets. None: not sold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Units {
    /// Per million tokens.
    tokens: [Option<i128>; 9],
    /// Of an image, an hour of sound, a million characters, a thousand search units.
    others: [Option<i128>; 4],
    /// Of an image, by its class.
    classes: BTreeMap<String, i128>,
}

impl UnitTexts {
    /// What is priced here, and what `below` says otherwise. Errors: a sentence that names the bucket.
    pub(super) fn units(&self, below: &Units) -> Result<Units, String> {
        self.check()?;
        let mut units = below.clone();
        for ((bucket, text), unit) in self.buckets().into_iter().zip(units.tokens.iter_mut().chain(&mut units.others)) {
            let Some(text) = text else { continue };
            *unit = Some(number(bucket, text)?);
        }
        for (name, text) in &self.classes {
            let class = name.strip_prefix(CLASS).unwrap_or(name);
            units.classes.insert(class.to_owned(), number(name, text)?);
        }
        Ok(units)
    }

    /// Errors: a sentence that names what nothing is billed by.
    pub(super) fn check(&self) -> Result<(), String> {
        let is_class = |name: &str| {
            name.strip_prefix(CLASS).is_some_and(|class| {
                (1..=crate::units::MAX_CLASS).contains(&class.len()) && class.bytes().all(|b| b.is_ascii_graphic())
            })
        };
        match self.classes.keys().find(|name| !is_class(name)) {
            Some(name) => Err(format!(
                "unknown field `{name}`, expected {}, or `image <class>`",
                self.buckets().map(|(bucket, _)| format!("`{bucket}`")).join(", ")
            )),
            None => Ok(()),
        }
    }

    /// What is priced, by the name of its bucket.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &String)> {
        let buckets = self.buckets().into_iter().filter_map(|(bucket, text)| Some((bucket, text.as_ref()?)));
        buckets.chain(self.classes.iter().map(|(name, text)| (name.as_str(), text)))
    }

    const fn buckets(&self) -> [(&'static str, &Option<String>); 13] {
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
            ("image", &self.image),
            ("audio_hour", &self.audio_hour),
            ("characters", &self.characters),
            ("searches", &self.searches),
        ]
    }
}

fn number(bucket: &str, text: &str) -> Result<i128, String> {
    decimal::parse(text).ok_or_else(|| {
        format!(
            "{bucket} must be a decimal number from 0 to 10000 with at most 12 digits after the point, such as \
             \"1.25\""
        )
    })
}

impl Units {
    /// Whether anything is priced.
    pub fn is_empty(&self) -> bool {
        self.classes.is_empty() && self.tokens.iter().chain(&self.others).all(Option::is_none)
    }

    /// Whether what was used is billed by something else than tokens.
    pub fn sells(&self, used: &UsedUnits) -> bool {
        self.others(used).is_some()
    }

    /// None: something that was used has no price. What is billed by pictures, time, characters or searches is billed by
    /// them, and by the tokens that have a price beside; everything else by tokens.
    pub fn cost(&self, used: &Used) -> Option<Amount> {
        let counts = tokens::buckets(&used.tokens);
        let others = self.others(&used.units);
        if others.is_none() && tokens::all(&used.tokens) == 0 && !UnitColumns::from(&used.units).is_nothing() {
            // It worked for something, and nothing says for what it is paid.
            return None;
        }
        let each = self.filled().into_iter().zip(counts).filter(|(_, count)| *count != 0);
        each.filter(|(unit, _)| unit.is_some() || others.is_none())
            .map(|(unit, count)| unit?.checked_mul(TOKEN)?.checked_mul(i128::from(count)))
            .try_fold(others.unwrap_or(0), |sum, amount| sum.checked_add(amount?))
            .map(Amount)
    }

    /// The most that so many tokens cost, in whatever buckets, and what is asked beside them.
    pub fn most(&self, input: i64, output: i64, asked: &UsedUnits) -> Option<Amount> {
        let (filled, others) = (self.filled(), self.others(asked));
        let most = |units: &[Option<i128>], count: i64| match units.iter().flatten().max() {
            _ if count == 0 => Some(0),
            Some(unit) => unit.checked_mul(TOKEN)?.checked_mul(i128::from(count)),
            None => others.is_some().then_some(0),
        };
        let tokens = most(&filled[..INPUTS], input)?.checked_add(most(&filled[INPUTS..], output)?)?;
        tokens.checked_add(others.unwrap_or(0)).map(Amount)
    }

    /// What was used beside tokens. None: it was nothing, or nothing that is sold.
    fn others(&self, used: &UsedUnits) -> Option<i128> {
        let [image, audio_hour, characters, searches] = self.others;
        let image = self.class(&used.image_class).or(image);
        let each = [
            (used.images, image, ONE),
            (used.audio_ms, audio_hour, ONE / 3_600_000),
            (used.characters, characters, TOKEN),
            (used.searches, searches, ONE / 1_000),
        ];
        let mut sum = None;
        for (count, unit, one) in each.into_iter().filter(|(count, ..)| *count != 0) {
            let amount = unit?.checked_mul(one)?.checked_mul(i128::from(count))?;
            sum = Some(sum.unwrap_or(0i128).checked_add(amount)?);
        }
        sum
    }

    /// The price of a class of pictures: its own, that of its quality, that of its size.
    fn class(&self, class: &str) -> Option<i128> {
        let own = |class: &str| self.classes.get(class).copied();
        let (quality, size) = class.split_once('/').unwrap_or((class, ""));
        own(class).or_else(|| own(quality)).or_else(|| own(size))
    }

    /// With the prices of buckets that have none of their own.
    const fn filled(&self) -> [Option<i128>; 9] {
        let [input, cache_read, write_5m, write_1h, audio_input, image_input, output, audio_output, image_output] =
            self.tokens;
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

/// One of what is priced by the million.
const TOKEN: i128 = ONE / 1_000_000;

const fn or(own: Option<i128>, other: Option<i128>) -> Option<i128> {
    if own.is_some() { own } else { other }
}
