//! Where is a text broken so that it stays within its width?

use super::{font::Font, winansi::encode};

/// Three dots in one character of WinAnsiEncoding.
const DOTS: u8 = 0x85;

/// The text in lines, each at most as wide as `width`. Line ends in it are kept, words are kept together, and a word
/// that is too long for a line is broken where the line ends.
pub(super) fn lines(text: &str, font: Font, size: i64, width: i64) -> Vec<Vec<u8>> {
    let mut out = vec![];
    for paragraph in text.trim().lines() {
        let mut line: Vec<u8> = vec![];
        for word in words(&encode(paragraph)) {
            let joined = [line.as_slice(), if line.is_empty() { b"" } else { b" " }, &word].concat();
            if font.width(&joined, size) <= width {
                line = joined;
                continue;
            }
            if !line.is_empty() {
                out.push(std::mem::take(&mut line));
            }
            line = broken(&word, font, size, width, &mut out);
        }
        out.push(line);
    }
    out
}

/// Words that belong to the number before them.
const UNITS: [&[u8]; 5] = [b"mil", b"mi", b"bi", b"p.p.", b"%"];

/// What stays together: a word, or an amount with the sign of its currency and its unit.
fn words(text: &[u8]) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = vec![];
    for word in text.split(|code| *code == b' ').filter(|word| !word.is_empty()) {
        match out.last_mut() {
            Some(amount) if amount.len() < 16 && belongs(amount, word) => {
                amount.push(b' ');
                amount.extend(word);
            }
            _ => out.push(word.to_vec()),
        }
    }
    out
}

fn belongs(amount: &[u8], word: &[u8]) -> bool {
    let begins = |with: &[u8]| word.starts_with(with) && !word.get(with.len()).is_some_and(u8::is_ascii_alphabetic);
    match amount.last() {
        Some(b'$') => word.first().is_some_and(u8::is_ascii_digit),
        Some(b'0'..=b'9') => UNITS.into_iter().any(begins),
        _ => false,
    }
}

/// Writes what fills lines, and gives the rest.
fn broken(word: &[u8], font: Font, size: i64, width: i64, out: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let mut line: Vec<u8> = vec![];
    let mut used = 0;
    for code in word {
        let wide = font.width(&[*code], size);
        // A line has a character at least, or there would be no end of lines.
        if used + wide > width && !line.is_empty() {
            out.push(std::mem::take(&mut line));
            used = 0;
        }
        line.push(*code);
        used += wide;
    }
    line
}

/// The text in one line, cut off with dots where it is too wide.
pub(super) fn one_line(text: &str, font: Font, size: i64, width: i64) -> Vec<u8> {
    let mut line = encode(text.trim());
    if font.width(&line, size) <= width {
        return line;
    }
    let mut left = width - font.width(&[DOTS], size);
    let fitting = line.iter().take_while(|code| {
        left -= font.width(&[**code], size);
        left >= 0
    });
    line.truncate(fitting.count());
    line.push(DOTS);
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: i64) -> Vec<String> {
        let lines = lines(text, Font::Regular, 1000, width);
        lines.into_iter().map(|line| String::from_utf8(line).expect("ASCII")).collect()
    }

    #[test]
    fn words_are_kept_and_line_ends_too() {
        assert_eq!(wrapped("aaa aaa aaa\n\naa", 4000), ["aaa aaa", "aaa", "", "aa"]);
        assert_eq!(wrapped(" a   a ", 4000), ["a a"]);
        assert!(wrapped("", 4000).is_empty());
        assert_eq!(wrapped("aaa R$ 11 mil", 4500), ["aaa", "R$ 11 mil"]);
    }

    #[test]
    fn a_word_that_is_too_long_is_broken() {
        assert_eq!(wrapped("b aaaaaaaaa c", 2300), ["b", "aaaa", "aaaa", "a c"]);
        assert_eq!(wrapped("aaa", 1), ["a", "a", "a"]);
    }

    #[test]
    fn one_line_is_cut_off_with_dots() {
        assert_eq!(one_line("aaa", Font::Regular, 1000, 2000), b"aaa");
        assert_eq!(one_line("aaaaaaa", Font::Regular, 1000, 2500), b"aa\x85");
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_allowed_and_nothing_is_lost(text in "[ -~\n]{0,200}", width in 1_100i64..20_000) {
            let lines = lines(&text, Font::Bold, 1000, width);
            prop_assert!(lines.iter().all(|line| Font::Bold.width(line, 1000) <= width));
            let letters = |text: &[u8]| -> Vec<u8> { text.iter().copied().filter(u8::is_ascii_graphic).collect() };
            prop_assert_eq!(letters(&lines.concat()), letters(text.as_bytes()));
        }
    }
}
