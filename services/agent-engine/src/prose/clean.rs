//! What of a model's paragraphs is printed?

use super::{cut, fill, markup, orphans, sentence::sentences};
use crate::{
    domain::{
        locale::Locale,
        report::{Cell, Finding},
    },
    words,
};
use std::collections::BTreeMap;

/// As many characters as a paragraph may have.
pub const MAX_CHARS: usize = 1_200;
const QUOTED: usize = 240;
/// Attempts to find a place where no number is cut.
const REACH: usize = 5;

/// Paragraphs that are fit to print.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cleaned {
    /// One line each, of at most [`MAX_CHARS`].
    pub paragraphs: Vec<String>,
    /// What was taken out, and why.
    pub findings: Vec<Finding>,
}

/// Puts the numbers in, and takes out what is no prose, what asks for a number that there is none of, and every sentence
/// with a number that nobody told.
pub fn clean(paragraphs: &[String], cells: &BTreeMap<String, Cell>, locale: Locale) -> Cleaned {
    let mut cleaned = Cleaned::default();
    for paragraph in paragraphs {
        let filled = fill(&markup::words(paragraph), cells);
        let unknown = filled.unknown.iter().map(|id| words::unknown_cell(id, locale));
        cleaned.findings.extend(unknown.map(|text| finding("check:unknown_cell", &text)));
        let text = told(&filled.text, cells, locale, &mut cleaned.findings);
        let text = short(&text, cells, locale);
        if !text.is_empty() {
            cleaned.paragraphs.push(text);
        }
    }
    cleaned
}

fn told(text: &str, cells: &BTreeMap<String, Cell>, locale: Locale, findings: &mut Vec<Finding>) -> String {
    let mut kept = String::new();
    for sentence in sentences(text) {
        let orphans = orphans(sentence, cells, locale);
        if orphans.is_empty() {
            kept.push_str(sentence);
        } else {
            let text = words::orphan_number(sentence.trim(), &orphans, locale);
            findings.push(finding("check:orphan_number", &text));
        }
    }
    // Two halves that were each free can tell a number together.
    let left = orphans(&kept, cells, locale);
    if !left.is_empty() {
        findings.push(finding("check:orphan_number", &words::orphan_number(&kept, &left, locale)));
        kept.clear();
    }
    kept.trim().to_owned()
}

fn finding(source: &str, text: &str) -> Finding {
    Finding { source: source.into(), severity: "warning".into(), text: cut(text, QUOTED) }
}

/// As many whole sentences as there is room for.
fn short(text: &str, cells: &BTreeMap<String, Cell>, locale: Locale) -> String {
    let mut kept = String::new();
    for sentence in sentences(text) {
        if kept.chars().count() + sentence.trim_end().chars().count() > MAX_CHARS {
            break;
        }
        kept.push_str(sentence);
    }
    if !kept.is_empty() || text.is_empty() {
        return kept.trim_end().to_owned();
    }
    // Half a number is another number.
    let cuts = (0..REACH).map(|less| cut(text, MAX_CHARS - less * 8));
    cuts.into_iter().find(|text| orphans(text, cells, locale).is_empty()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{super::orphan::tests::cell, *};
    use proptest::prelude::*;

    fn cells() -> BTreeMap<String, Cell> {
        BTreeMap::from([
            ("f_cash".into(), cell(120_000.0, "money", "R$ 120 mil")),
            ("f_churn".into(), cell(4.5, "percent", "4,5%")),
        ])
    }

    #[test]
    fn what_nobody_told_is_taken_out_and_said_so() {
        let text =
            "# Resumo\nO caixa é de {{f_cash}}. Vai render R$ 300 mil. O churn é de 4,5%. Custa {{x}}.".to_owned();
        let cleaned = clean(&[text, "## Só um título".into()], &cells(), Locale::PtBr);
        assert_eq!(cleaned.paragraphs, ["O caixa é de R$ 120 mil. O churn é de 4,5%."]);
        let found: Vec<(&str, &str)> =
            cleaned.findings.iter().map(|finding| (finding.source.as_str(), finding.text.as_str())).collect();
        assert_eq!(found[0].0, "check:unknown_cell");
        assert_eq!(found[1].0, "check:orphan_number");
        assert!(found[1].1.contains("R$ 300 mil"), "{}", found[1].1);
    }

    #[test]
    fn what_is_long_ends_with_a_whole_sentence() {
        let text = "Uma frase que tem exatamente algumas letras. ".repeat(60);
        let cleaned = clean(&[text, "sem fim ".repeat(400)], &cells(), Locale::PtBr);
        let lengths: Vec<usize> = cleaned.paragraphs.iter().map(|text| text.chars().count()).collect();
        assert!(lengths.iter().all(|length| (1_100..=MAX_CHARS).contains(length)), "{lengths:?}");
        assert!(cleaned.paragraphs[0].ends_with("letras.") && cleaned.paragraphs[1].ends_with('…'));
    }

    #[test]
    fn no_number_is_cut_in_half() {
        for words in 170..180 {
            let text = format!("{}R$ 120 mil {}", "seis ab ".repeat(words - 25), "ab ".repeat(200));
            let cleaned = clean(&[text], &cells(), Locale::PtBr);
            assert_eq!(orphans(&cleaned.paragraphs[0], &cells(), Locale::PtBr), [""; 0]);
        }
    }

    const MARKS: [char; 2] = ['\n', '{'];
    const PIECES: &str = "([a-z]{1,6} |[0-9]{1,4}|[.,!%] |R\\$ |mil |meses |a |\\{\\{f_cash\\}\\}|\\*\\*|\n){0,40}";

    proptest! {
        #[test]
        fn what_is_printed_has_no_orphans(
            text in PIECES,
        ) {
            for locale in [Locale::PtBr, Locale::En] {
                let cleaned = clean(std::slice::from_ref(&text), &cells(), locale);
                for paragraph in &cleaned.paragraphs {
                    prop_assert_eq!(orphans(paragraph, &cells(), locale), [""; 0], "{}", paragraph);
                    prop_assert!(paragraph.chars().count() <= MAX_CHARS && !paragraph.contains(MARKS));
                }
            }
        }
    }
}
