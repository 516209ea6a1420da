//! Which numbers are put where a model left a mark?

use super::sentence::sentences;
use crate::domain::report::Cell;
use std::collections::BTreeMap;

/// A paragraph with its numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Without sentences that ask for a number that there is none of.
    pub text: String,
    /// What they asked for, in order.
    pub unknown: Vec<String>,
}

/// Puts the text of a cell in place of each `{{id}}`.
pub fn fill(paragraph: &str, cells: &BTreeMap<String, Cell>) -> Filled {
    let mut filled = Filled::default();
    for sentence in sentences(paragraph) {
        let known = filled.unknown.len();
        let text = put(sentence, cells, &mut filled.unknown);
        if filled.unknown.len() == known {
            filled.text.push_str(&text);
        }
    }
    filled.text.truncate(filled.text.trim_end().len());
    filled
}

fn put(sentence: &str, cells: &BTreeMap<String, Cell>, unknown: &mut Vec<String>) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, (id, after))) = rest.split_once("{{").and_then(|(b, a)| Some((b, a.split_once("}}")?))) {
        text.push_str(before);
        match cells.get(id.trim()) {
            Some(cell) => text.push_str(&cell.text),
            None => unknown.push(id.trim().to_owned()),
        }
        rest = after;
    }
    if rest.contains("{{") {
        // A mark without an end: nobody knows which number was meant.
        unknown.push(rest.split("{{").nth(1).unwrap_or_default().trim().to_owned());
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::{super::orphan::tests::cell, *};

    #[test]
    fn marks_become_numbers_and_unknown_ones_take_their_sentence_along() {
        let cells = BTreeMap::from([("f_cash".into(), cell(120_000.0, "money", "R$ 120 mil"))]);
        let filled = fill("Há {{f_cash}} ({{ f_cash }}). São {{x}} e {{y}}. Fim.", &cells);
        assert_eq!(filled.text, "Há R$ 120 mil (R$ 120 mil). Fim.");
        assert_eq!(filled.unknown, ["x", "y"]);
        assert_eq!(fill("No {{end", &cells), Filled { text: String::new(), unknown: vec!["end".into()] });
        assert_eq!(fill("", &cells), Filled::default());
    }
}
