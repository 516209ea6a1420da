//! Which words of agents may be quoted?

use crate::{
    domain::{locale::Locale, report::Cell},
    prose::{cut, line, orphans},
};
use std::collections::BTreeMap;

const MOST: usize = 240;

/// What quotes are checked against.
#[derive(Clone, Copy)]
pub(super) struct Quotes<'a> {
    pub cells: &'a BTreeMap<String, Cell>,
    pub locale: Locale,
}

impl Quotes<'_> {
    /// Words between quotation marks. None: there are none, or there is a number in them that nobody has told.
    pub fn quote(self, text: &str) -> Option<String> {
        self.words(text).map(|words| format!("“{words}”"))
    }

    /// The same without the marks and without the point at the end.
    pub fn words(self, text: &str) -> Option<String> {
        let text: String =
            text.chars().filter(|c| !matches!(c, '“' | '”' | '"' | '*' | '`' | '#' | '{' | '}')).collect();
        let words = cut(&line(&text, MOST), MOST).trim_end_matches(['.', ' ', ';', ':']).to_owned();
        (!words.is_empty() && orphans(&words, self.cells, self.locale).is_empty()).then_some(words)
    }
}

/// Sentences as paragraphs of at most so many characters.
pub(super) fn packed(sentences: impl IntoIterator<Item = String>, most: usize) -> Vec<String> {
    let mut paragraphs: Vec<String> = Vec::new();
    for sentence in sentences.into_iter().filter(|sentence| !sentence.is_empty()) {
        match paragraphs.last_mut() {
            Some(last) if last.chars().count() + sentence.chars().count() < most => {
                last.push(' ');
                last.push_str(&sentence);
            }
            _ => paragraphs.push(cut(&sentence, most)),
        }
    }
    paragraphs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_told_is_quoted() {
        let cells = BTreeMap::new();
        let quotes = Quotes { cells: &cells, locale: Locale::En };
        assert_eq!(quotes.quote("It is \"too\" early."), Some("“It is too early”".into()));
        assert_eq!(quotes.quote("It yields 40%."), None);
        assert_eq!(quotes.quote(" . "), None);
        assert_eq!(packed(["aa".into(), String::new(), "bb".into(), "cc".into()], 6), ["aa bb", "cc"]);
    }
}
