//! Which numbers and limits does the problem itself tell?

use super::{
    field::{items, number, one_of, some_text, text},
    key::{lever_key, metric_key},
    unit,
};
use crate::{
    domain::{
        brief::{Brief, Constraint, ConstraintKind, Fact, Source},
        registry,
    },
    prose::plain,
};
use serde_json::Value;

const FACTS: usize = 24;
const CONSTRAINTS: usize = 8;

/// Those that are told word for word and were not given already, one of each key.
pub(super) fn facts(value: &Value, brief: &Brief, problem: &str) -> Vec<Fact> {
    let mut found: Vec<Fact> = Vec::new();
    for fact in items(value, "facts").filter_map(|item| fact(item, brief, problem)) {
        let is_new = brief.fact(&fact.key).is_none() && found.iter().all(|other| other.key != fact.key);
        if is_new && found.len() < FACTS {
            found.push(fact);
        }
    }
    found
}

fn fact(item: &Value, brief: &Brief, problem: &str) -> Option<Fact> {
    let key = metric_key(&text(item, "key"))?;
    let unit = unit::unit(&text(item, "unit"))?;
    let period = some_text(item, "period").and_then(|name| unit::period(&name));
    if let Some(metric) = registry::metric(&key) {
        // Churn in money is no churn.
        metric.factor(&unit, period.as_deref(), &brief.currency)?;
    }
    Some(Fact {
        key,
        value: number(item, "value")?,
        unit,
        period,
        source: Source::Stated,
        quote: Some(quote(item, problem)?),
    })
}

/// The same for limits; a second limit of the same thing is none.
pub(super) fn constraints(value: &Value, brief: &Brief, problem: &str) -> Vec<Constraint> {
    let mut found: Vec<Constraint> = Vec::new();
    for limit in items(value, "constraints").filter_map(|item| constraint(item, problem)) {
        let is_same = |other: &Constraint| other.kind == limit.kind && other.key == limit.key;
        if !brief.constraints.iter().chain(&found).any(is_same) && found.len() < CONSTRAINTS {
            found.push(limit);
        }
    }
    found
}

fn constraint(item: &Value, problem: &str) -> Option<Constraint> {
    let kind: ConstraintKind = one_of(item, "kind")?;
    let named = text(item, "key");
    let (key, value) = match kind {
        ConstraintKind::BudgetCap | ConstraintKind::Deadline => {
            (None, Some(number(item, "value").filter(|v| *v >= 0.0)?))
        }
        ConstraintKind::MetricMin | ConstraintKind::MetricMax => {
            (Some(metric_key(&named)?), Some(number(item, "value")?))
        }
        ConstraintKind::Forbidden => (Some(lever_key(&named)?), None),
    };
    Some(Constraint { kind, key, value, text: quote(item, problem)? })
}

/// The words of the problem. None: the problem does not say them, so nobody knows where the number is from.
fn quote(item: &Value, problem: &str) -> Option<String> {
    let quote = some_text(item, "quote")?;
    occurs(&folded(&quote), problem).then_some(quote)
}

/// Whether words stand in a text as whole words: `6%` is not said by `16%`, and `200` is not by `1.200`.
fn occurs(words: &str, text: &str) -> bool {
    let is_whole = |at: usize| {
        let (before, after) = (&text[..at], &text[at + words.len()..]);
        let joins = |c: char| c.is_alphanumeric();
        let mut left = before.chars().rev();
        let mut right = after.chars();
        let is_left = match left.next() {
            Some('.' | ',') => {
                left.next().is_some_and(|c| c.is_ascii_digit()) && words.starts_with(|c: char| c.is_ascii_digit())
            }
            Some(c) => joins(c) && words.starts_with(joins),
            None => false,
        };
        let is_right = match right.next() {
            Some('.' | ',') => {
                right.next().is_some_and(|c| c.is_ascii_digit()) && words.ends_with(|c: char| c.is_ascii_digit())
            }
            Some(c) => joins(c) && words.ends_with(joins),
            None => false,
        };
        !is_left && !is_right
    };
    !words.is_empty() && text.match_indices(words).any(|(at, _)| is_whole(at))
}

/// As quotes are compared: case, accents and space make no difference.
pub(super) fn folded(text: &str) -> String {
    let plain = plain(text);
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").trim_matches(|c: char| matches!(c, '"' | '\'' | '“' | '”' | '.' | '…')).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole_words() {
        let text = folded("Churn de 16%, receita de R$ 1.200 e 6 meses de caixa, 7.");
        for words in ["16%", "r$ 1.200", "6 meses", "7", "churn"] {
            assert!(occurs(words, &text), "{words}");
        }
        for words in ["6%", "200", "1", "hurn", "", "6 mes"] {
            assert!(!occurs(words, &text), "{words}");
        }
        assert_eq!(folded(" \"...\" "), "");
    }
}
