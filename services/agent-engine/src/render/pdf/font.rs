//! In which letters is it printed?

use super::widths;
use pdf_writer::Name;

/// A font that every reader of PDF has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Font {
    Regular,
    Bold,
}

impl Font {
    /// What pages call it.
    pub const fn name(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"R"),
            Self::Bold => Name(b"B"),
        }
    }

    /// What PDF calls it.
    pub const fn base(self) -> Name<'static> {
        match self {
            Self::Regular => Name(b"Helvetica"),
            Self::Bold => Name(b"Helvetica-Bold"),
        }
    }

    /// How wide an encoded text is at this size, in the unit of the size.
    pub fn width(self, text: &[u8], size: i64) -> i64 {
        let table = match self {
            Self::Regular => &widths::REGULAR,
            Self::Bold => &widths::BOLD,
        };
        // Below 32 nothing is ever encoded.
        let width = |code: &u8| table.get(usize::from(*code).wrapping_sub(32)).copied().map_or(0, i64::from);
        text.iter().map(width).sum::<i64>() * size / 1000
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_as_wide_as_the_metrics_of_adobe_say() {
        assert_eq!(Font::Regular.width(b"Hello", 1000), 722 + 556 + 222 + 222 + 556);
        assert_eq!(Font::Bold.width(b"Hello", 10_000), 10 * (722 + 556 + 278 + 278 + 611));
        assert_eq!(Font::Regular.width(&[0xe7, 0xe3], 1000), 500 + 556);
        // Digits have one width, so that numbers stand below each other.
        assert!((b'0'..=b'9').all(|digit| Font::Bold.width(&[digit], 1000) == 556));
    }
}
