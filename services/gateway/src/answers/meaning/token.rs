//! The words of a text, made comparable.

use super::words;

/// Ends of words that change how they are used and not what they mean, the longest first.
const ENDS: &[&str] = &[
    "amentos", "amento", "ações", "ação", "ating", "ation", "ando", "endo", "indo", "ados", "adas", "idos", "idas",
    "aram", "ado", "ada", "ido", "ida", "ing", "ied", "ies", "es", "ed", "ar", "er", "ir", "am", "em", "ou", "ei",
    "os", "as", "s", "d", "e", "o", "a", "r", "y", "m",
];
/// Shorter stems are too much alike.
const SHORTEST_STEM: usize = 3;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub word: String,
    stem: String,
    /// A name, a number or a sign.
    pub is_hard: bool,
}

impl Token {
    fn new(word: String, is_hard: bool) -> Self {
        let word = words::number(&word).map_or(word, str::to_owned);
        let is_hard = is_hard || word.chars().any(|c| !c.is_alphabetic());
        Self { stem: if is_hard { word.clone() } else { stem(&word).to_owned() }, word, is_hard }
    }

    /// Whether both say the same.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        self.word == other.word
            || self.stem == other.stem
            || (!self.is_hard && !other.is_hard && words::are_synonyms(&self.stem, &other.stem))
    }
}

/// The word without its end, if enough of it is left.
pub(super) fn stem(word: &str) -> &str {
    let cut = |end: &&&str| word.strip_suffix(**end).is_some_and(|stem| stem.chars().count() >= SHORTEST_STEM);
    ENDS.iter().find(cut).and_then(|end| word.strip_suffix(*end)).unwrap_or(word)
}

/// All words of a text, without what people say to be polite.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let raw = raw(text);
    let lower: Vec<String> = raw.iter().map(|(word, _)| word.to_lowercase()).collect();
    let mut tokens = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < lower.len() {
        if let Some(length) = words::phrase(&lower[at..]) {
            at += length;
            continue;
        }
        if let Some((joined, length)) = words::joined(&lower[at..]) {
            tokens.push(Token::new(joined.to_owned(), false));
            at += length;
            continue;
        }
        let (word, begins) = &raw[at];
        let is_name = !begins && word.chars().next().is_some_and(char::is_uppercase);
        let all_upper = word.chars().count() > 1 && word.chars().all(char::is_uppercase);
        for part in words::expanded(&lower[at]) {
            tokens.push(Token::new(part.to_owned(), (is_name || all_upper) && !words::says_nothing(part)));
        }
        at += 1;
    }
    tokens
}

/// The words as they are written, and whether each begins a sentence. Signs other than those between sentences are words of
/// their own.
fn raw(text: &str) -> Vec<(String, bool)> {
    let chars: Vec<char> = text.chars().map(|c| if c == '’' { '\'' } else { c }).collect();
    let (mut words, mut word, mut begins) = (vec![], String::new(), true);
    for (at, c) in chars.iter().copied().enumerate() {
        let near = |by: isize| at.checked_add_signed(by).and_then(|at| chars.get(at)).copied().unwrap_or(' ');
        let joins = match c {
            '\'' => near(-1).is_alphabetic() && near(1).is_alphabetic(),
            '.' | ',' | ':' | '/' | '-' => near(-1).is_ascii_digit() && near(1).is_ascii_digit(),
            '+' | '#' => near(-1).is_alphabetic() || (near(-1) == c && !word.is_empty()),
            '_' | '@' => true,
            _ => c.is_alphanumeric(),
        };
        if joins {
            word.push(c);
            continue;
        }
        if !word.is_empty() {
            words.push((std::mem::take(&mut word), begins));
            begins = false;
        }
        match c {
            '.' | '!' | '?' | '\n' | ':' | ';' => begins = true,
            ',' | '\'' | '"' | '“' | '”' | '(' | ')' | '[' | ']' | '{' | '}' | '…' | '–' | '—' | '¿' | '¡' | '`'
            | '*' => {}
            '-' if near(-1).is_alphanumeric() => {}
            c if c.is_whitespace() => {}
            sign => words.push((sign.to_string(), false)),
        }
    }
    if !word.is_empty() {
        words.push((word, begins));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(text: &str) -> Vec<String> {
        tokens(text).into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_are_made_comparable() {
        assert_eq!(
            words_of("Don't log in at 10:30, it's 5% of C++!"),
            ["do", "not", "login", "at", "10:30", "it", "5", "%", "of", "c++"]
        );
        assert_eq!(words_of("Could you please tell me two prices?"), ["2", "prices"]);
        assert_eq!(words_of("Você pode me dizer o preço, por favor?"), ["o", "preço"]);
    }

    #[test]
    fn names_numbers_and_signs_are_hard() {
        let hard: Vec<_> = tokens("Paris is where Ana of NASA paid 12,50 €")
            .into_iter()
            .filter(|t| t.is_hard)
            .map(|t| t.word)
            .collect();
        assert_eq!(hard, ["ana", "nasa", "12,50", "€"]);
    }

    #[test]
    fn ends_of_words_make_no_difference() {
        for (one, other) in
            [("cancel", "canceling"), ("cancelar", "cancelamento"), ("price", "prices"), ("senha", "senhas")]
        {
            assert_eq!(stem(one), stem(other), "{one} {other}");
        }
        assert_ne!(stem("visa"), stem("visit"));
    }
}
