//! Which words, numbers and marks is a text made of?

use super::plain;

/// A piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: Kind,
    /// Of a word without accents, in lower case; of a number as it is written.
    pub text: String,
    pub start: usize,
    pub end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Number,
    Mark,
}

/// The pieces of a text, without space.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let (kind, length) = match c {
            c if c.is_whitespace() => {
                at += c.len_utf8();
                continue;
            }
            c if c.is_ascii_digit() => (Kind::Number, number(rest)),
            // Other digits: nobody compares them.
            c if c.is_numeric() => (Kind::Number, c.len_utf8()),
            c if is_letter(c) => (Kind::Word, word(rest)),
            c => (Kind::Mark, c.len_utf8()),
        };
        let piece = &rest[..length];
        let text = if kind == Kind::Word { plain(piece) } else { piece.to_owned() };
        tokens.push(Token { kind, text, start: at, end: at + length });
        at += length;
    }
    tokens
}

fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '$' | '€' | '£' | '\u{300}'..='\u{36f}')
}

/// Of `p.p.` the points are part of it.
fn word(rest: &str) -> usize {
    if rest.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("p.p.")) {
        return 4;
    }
    rest.find(|c| !is_letter(c)).unwrap_or(rest.len())
}

/// A separator is part of a number when a digit follows it.
fn number(rest: &str) -> usize {
    let mut length = 0;
    let mut chars = rest.chars().peekable();
    while let Some(c) = chars.next() {
        let is_next_digit = chars.peek().is_some_and(char::is_ascii_digit);
        let is_part = c.is_ascii_digit() || is_next_digit && matches!(c, '.' | ',' | '\'' | '\u{a0}' | '\u{202f}');
        if !is_part {
            break;
        }
        length += c.len_utf8();
    }
    length
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_words_numbers_and_marks() {
        let shown = |text: &str| tokens(text).into_iter().map(|token| token.text).collect::<Vec<_>>();
        assert_eq!(shown("R$ 1.200,50 é +2 p.p., não?"), ["r$", "1.200,50", "e", "+", "2", "p.p.", ",", "nao", "?"]);
        assert_eq!(shown("$10K (4.5%)."), ["$", "10", "k", "(", "4.5", "%", ")", "."]);
        assert_eq!(shown("½"), ["½"]);
    }
}
