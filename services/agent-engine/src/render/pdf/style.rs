//! How does a text look?

use super::{font::Font, winansi::encode, wrap};

/// Letters of one kind.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub font: Font,
    /// In thousandths of a point, as all lengths here.
    pub size: i64,
    pub ink: Ink,
}

/// The colours of this installation and one accent, in three strengths. Whoever sees no colours sees what is darker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ink {
    Black,
    Grey,
    Pale,
    Paper,
    White,
    Accent,
    Middle,
    Light,
    Faint,
}

/// Most of what is said.
pub(super) const BODY: Style = Style { font: Font::Regular, size: 9_500, ink: Ink::Black };
/// A sentence that sums up.
pub(super) const STRONG: Style = Style { font: Font::Bold, size: 9_500, ink: Ink::Black };
/// What is said in passing.
pub(super) const NOTE: Style = Style { font: Font::Regular, size: 8_000, ink: Ink::Grey };
/// The one sentence that must not be missed.
pub(super) const LEAD: Style = Style { font: Font::Bold, size: 12_500, ink: Ink::Accent };
/// Of sections.
pub(super) const HEADING: Style = Style { font: Font::Bold, size: 15_000, ink: Ink::Accent };
/// Of parts of sections.
pub(super) const SUBHEADING: Style = Style { font: Font::Bold, size: 10_500, ink: Ink::Black };
/// In tables.
pub(super) const CELL: Style = Style { font: Font::Regular, size: 8_000, ink: Ink::Black };
/// What is looked for in tables.
pub(super) const CELL_STRONG: Style = Style { font: Font::Bold, size: 8_000, ink: Ink::Black };
/// Below what stands in a cell.
pub(super) const CELL_NOTE: Style = Style { font: Font::Regular, size: 7_200, ink: Ink::Grey };
/// Of columns.
pub(super) const COLUMN: Style = Style { font: Font::Bold, size: 7_500, ink: Ink::Accent };
/// Labels of charts and running titles.
pub(super) const LABEL: Style = Style { font: Font::Regular, size: 7_500, ink: Ink::Grey };

impl Style {
    /// From one line to the next.
    pub const fn leading(self) -> i64 {
        // Large letters need less air.
        self.size * if self.size > 11_000 { 125 } else { 140 } / 100
    }

    /// In another colour.
    pub const fn with(self, ink: Ink) -> Self {
        Self { ink, ..self }
    }

    /// How wide a text is.
    pub fn width(self, text: &str) -> i64 {
        self.font.width(&encode(text), self.size)
    }

    /// The text in lines that are no wider.
    pub fn wrap(self, text: &str, width: i64) -> Vec<Vec<u8>> {
        wrap::lines(text, self.font, self.size, width)
    }

    /// The text in one line, cut off where it is too wide.
    pub fn one_line(self, text: &str, width: i64) -> Vec<u8> {
        wrap::one_line(text, self.font, self.size, width)
    }

    /// So many lines.
    pub fn lines(self, count: usize) -> i64 {
        self.leading() * i64::try_from(count).unwrap_or(1_000)
    }
}

impl Ink {
    /// From 0 to 1.
    pub const fn rgb(self) -> [f32; 3] {
        match self {
            Self::Black => [0.11, 0.098, 0.09],
            Self::Grey => [0.42, 0.396, 0.38],
            Self::Pale => [0.85, 0.84, 0.83],
            Self::Paper => [0.961, 0.957, 0.949],
            Self::White => [1.0, 1.0, 1.0],
            Self::Accent => [0.071, 0.286, 0.365],
            Self::Middle => [0.31, 0.518, 0.588],
            Self::Light => [0.624, 0.757, 0.8],
            Self::Faint => [0.855, 0.914, 0.933],
        }
    }
}
