//! The simulator's tokens: a word with the white space before it, at most twelve characters of it.
//!
//! Simple on purpose: people can count them by hand.

const LONGEST: usize = 12;

/// The pieces of a text. Together they are the text.
pub(super) fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut from, mut length, mut in_word) = (0, 0, false);
    for (at, c) in text.char_indices() {
        let begins = c.is_whitespace() && in_word;
        if begins || length == LONGEST {
            pieces.push(&text[from..at]);
            (from, length) = (at, 0);
        }
        in_word = !c.is_whitespace();
        length += 1;
    }
    if from < text.len() {
        pieces.push(&text[from..]);
    }
    pieces
}

/// How many tokens a text has.
pub(super) fn count(text: &str) -> i64 {
    i64::try_from(pieces(text).len()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn words_keep_the_space_before_them_and_long_ones_are_cut() {
        assert_eq!(pieces("Hello big  world"), ["Hello", " big", "  world"]);
        assert_eq!(pieces("abcdefghijklmnop"), ["abcdefghijkl", "mnop"]);
        assert!(pieces("").is_empty());
    }

    proptest! {
        #[test]
        fn pieces_are_the_text(text in "\\PC{0,80}") {
            prop_assert_eq!(pieces(&text).concat(), text);
        }
    }
}
