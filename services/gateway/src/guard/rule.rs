//! One rule, compiled: what it finds in a text, and how far from the end of a text it may still find something.

use super::detect::{Detector, run_of};
use crate::metrics::GuardMetrics;
use proto::guardrails::{self, Action, Detector as Asked, MAX_COMPILED_BYTES, Moderation, Stage};
use regex::{Regex, RegexBuilder};
use std::ops::Range;

/// How far the match of an expression reaches that has no longest one, and how far that of any may, in bytes.
const WINDOW: usize = 512;
const MOST_WINDOW: usize = 4096;
/// What an expression may look at beyond its match: one character.
const LOOK: usize = 4;
/// Lists of words are larger than expressions.
const MOST_LIST_BYTES: usize = 4 * 1024 * 1024;

pub(super) struct Rule {
    pub name: String,
    pub action: Action,
    on: Vec<Stage>,
    pub finders: Vec<Finder>,
    pub moderation: Option<Moderation>,
    pub metrics: GuardMetrics,
}

/// One of the things that a rule looks for.
pub(super) struct Finder {
    look: Look,
    /// As metrics name it.
    pub what: &'static str,
    /// What stands in the place of what is redacted.
    pub replacement: String,
}

enum Look {
    Detector(Detector),
    Expression {
        regex: Regex,
        /// The longest match, in bytes.
        reach: usize,
    },
    /// What cannot be compiled: everything.
    Everything,
}

impl Rule {
    pub(super) fn new(rule: &guardrails::Rule) -> Self {
        let guardrails::Rule { name, replacement, .. } = rule;
        let replaced = |own: &str| if replacement.is_empty() { format!("[{own}]") } else { replacement.clone() };
        let upper = name.to_uppercase();
        let mut finders: Vec<Finder> = rule
            .detect()
            .filter_map(detector)
            .map(|detector| Finder {
                look: Look::Detector(detector),
                what: detector.name(),
                replacement: replaced(detector.label()),
            })
            .collect();
        let expression = |text: &str, most, what| Finder {
            look: compiled(text, most).unwrap_or(Look::Everything),
            what,
            replacement: replaced(&upper),
        };
        finders.extend(rule.patterns.iter().map(|pattern| expression(pattern, MAX_COMPILED_BYTES, "pattern")));
        if !rule.words.is_empty() {
            finders.push(expression(&any_of(&rule.words), MOST_LIST_BYTES, "words"));
        }
        Self {
            name: name.clone(),
            action: rule.action(),
            on: rule.on().collect(),
            finders,
            moderation: rule.moderation.clone(),
            metrics: GuardMetrics::new(),
        }
    }

    pub(super) fn looks_at(&self, stage: Stage) -> bool {
        self.on.is_empty() || self.on.contains(&stage)
    }
}

impl Finder {
    /// The first match that begins at `from` or after it.
    pub(super) fn find(&self, text: &str, from: usize) -> Option<Range<usize>> {
        match &self.look {
            Look::Detector(detector) => detector.find(text, from),
            Look::Expression { regex, .. } => {
                let mut from = from;
                loop {
                    let found = regex.find_at(text, from)?;
                    if !found.is_empty() {
                        return Some(found.range());
                    }
                    from = text[found.end()..].chars().next().map(|c| found.end() + c.len_utf8())?;
                }
            }
            Look::Everything => (from < text.len()).then_some(from..text.len()),
        }
    }

    /// Where the part begins of which it cannot be told yet whether there is a match, because the text goes on.
    pub(super) fn undecided(&self, text: &str) -> usize {
        match &self.look {
            Look::Detector(detector) => run_of(text, *detector),
            Look::Expression { reach, .. } => text.floor_char_boundary(text.len().saturating_sub(reach + LOOK)),
            Look::Everything => 0,
        }
    }
}

fn detector(asked: Asked) -> Option<Detector> {
    Some(match asked {
        Asked::Unspecified => return None,
        Asked::Cpf => Detector::Cpf,
        Asked::Cnpj => Detector::Cnpj,
        Asked::Email => Detector::Email,
        Asked::Card => Detector::Card,
        Asked::Phone => Detector::Phone,
    })
}

fn compiled(pattern: &str, most: usize) -> Option<Look> {
    let regex = RegexBuilder::new(pattern).size_limit(most).build().ok()?;
    let longest = regex_syntax::parse(pattern).ok().and_then(|hir| hir.properties().maximum_len());
    Some(Look::Expression { regex, reach: longest.unwrap_or(WINDOW).min(MOST_WINDOW) })
}

/// One of these, as a word of its own where it begins or ends with a letter or digit.
fn any_of(words: &[String]) -> String {
    let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    let edge = |is: bool| if is { r"\b" } else { "" };
    let mut longest_first: Vec<&String> = words.iter().collect();
    longest_first.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let one = |word: &String| {
        let (before, after) = (edge(is_word(word.chars().next())), edge(is_word(word.chars().next_back())));
        // However many blanks are between two words.
        let parts: Vec<String> = word.split_whitespace().map(regex::escape).collect();
        format!("{before}{}{after}", parts.join(r"\s{1,8}"))
    };
    format!("(?i:{})", longest_first.into_iter().map(one).collect::<Vec<_>>().join("|"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finder(words: &[&str]) -> Finder {
        let words = words.iter().map(|word| (*word).to_owned()).collect();
        Rule::new(&guardrails::Rule { words, ..guardrails::Rule::default() }).finders.remove(0)
    }

    #[test]
    fn words_are_found_whatever_their_capitals_and_only_as_words() {
        let finder = finder(&["acme", "são joão", "c++"]);
        let found = |text: &'static str| finder.find(text, 0).map(|at| &text[at]);
        assert_eq!(found("we like ACME."), Some("ACME"));
        assert_eq!(found("acmes"), None);
        assert_eq!(found("em SÃO  João!"), Some("SÃO  João"));
        assert_eq!(found("use C++, please"), Some("C++"));
    }

    #[test]
    fn what_cannot_be_compiled_finds_everything() {
        let rule = guardrails::Rule { patterns: vec!["(".to_owned()], ..guardrails::Rule::default() };
        assert_eq!(Rule::new(&rule).finders[0].find("x", 0), Some(0..1));
    }
}
