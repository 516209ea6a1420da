//! What did an attempt use, in tokens and in everything else that providers bill by?

use proto::usage::{Tokens, Units};
use serde::Serialize;

/// More than any attempt uses: sums of it and of what it costs stay far from overflowing.
const MOST: i64 = 10_000_000_000;
/// Of the class of pictures.
pub(crate) const MAX_CLASS: usize = 64;

/// What an attempt used.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Used {
    pub tokens: Tokens,
    pub units: Units,
}

/// Units as the columns of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct UnitColumns {
    pub images: i64,
    pub audio_ms: i64,
    pub characters: i64,
    pub searches: i64,
}

impl UnitColumns {
    /// Each.
    pub const fn each(self) -> [i64; 4] {
        [self.images, self.audio_ms, self.characters, self.searches]
    }

    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// One by one.
    pub const fn plus(self, other: Self) -> Self {
        Self {
            images: self.images + other.images,
            audio_ms: self.audio_ms + other.audio_ms,
            characters: self.characters + other.characters,
            searches: self.searches + other.searches,
        }
    }

    /// One by one; what is corrected may be less than it was.
    pub const fn minus(self, other: Self) -> Self {
        Self {
            images: self.images - other.images,
            audio_ms: self.audio_ms - other.audio_ms,
            characters: self.characters - other.characters,
            searches: self.searches - other.searches,
        }
    }

    /// None where nothing was used.
    pub fn told(self) -> Option<Units> {
        (!self.is_nothing()).then(|| self.into())
    }
}

impl From<&Units> for UnitColumns {
    fn from(units: &Units) -> Self {
        let Units { images, audio_ms, characters, searches, .. } = *units;
        Self { images, audio_ms, characters, searches }
    }
}

impl From<UnitColumns> for Units {
    fn from(columns: UnitColumns) -> Self {
        let UnitColumns { images, audio_ms, characters, searches } = columns;
        Self { images, audio_ms, characters, searches, ..Self::default() }
    }
}

impl From<Tokens> for Used {
    fn from(tokens: Tokens) -> Self {
        Self { tokens, units: Units::default() }
    }
}

impl Used {
    /// Whether both are the same numbers.
    pub fn is_same(&self, other: &Self) -> bool {
        self.tokens == other.tokens && UnitColumns::from(&self.units) == UnitColumns::from(&other.units)
    }
}

/// What a grant is taken to have used that nobody settles: what it was asked, and nothing that it was to make.
pub(crate) fn guessed(input_tokens: i64, asked: Option<&Units>) -> Used {
    let tokens = Tokens { input: input_tokens, ..Tokens::default() };
    let units = asked.map(|asked| Units { images: 0, image_class: String::new(), estimated: true, ..asked.clone() });
    Used { tokens, units: units.unwrap_or_default() }
}

/// Whether these can be numbers of one attempt.
pub(crate) fn are_possible(units: &Units) -> bool {
    UnitColumns::from(units).each().iter().all(|count| (0..=MOST).contains(count))
        && units.image_class.len() <= MAX_CLASS
        && units.image_class.bytes().all(|b| b.is_ascii_graphic())
}
