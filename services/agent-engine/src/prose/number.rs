//! Which numbers does a text tell, and of what?

use super::{
    numeral::{Numeral, numeral},
    token::{Kind, Token, tokens},
    unit::{Unit, currency_before, is_month, magnitude, of_place, of_words},
};
use crate::domain::locale::Locale;

/// Above it a number is no small count any more.
const SMALL: f64 = 12.0;

/// The day of a date: no cell has one, so somebody made it up.
const DATE: Unit = Unit::Place(0.0);

/// A number of a text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub value: f64,
    /// The last place that is written.
    pub step: f64,
    pub unit: Unit,
    /// What the next number says for this one too: the ten of `10 to 15 thousand`.
    pub scale: f64,
    /// It counts or orders, and needs no origin.
    pub is_free: bool,
    /// Where it stands, with its unit.
    pub start: usize,
    pub end: usize,
}

/// Every number, in order.
pub(super) fn numbers(text: &str, locale: Locale) -> Vec<Found> {
    let tokens = tokens(text);
    let mut numbers: Vec<(Found, usize, usize)> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match number(text, &tokens, at, locale) {
            Some((found, end)) => {
                numbers.push((found, at, end));
                at = end;
            }
            None => at += 1,
        }
    }
    for n in (1..numbers.len()).rev() {
        let (left, right) = numbers.split_at_mut(n);
        let ((first, _, end), (second, start, _)) = (&mut left[n - 1], &right[0]);
        let between = tokens.get(*end..*start).unwrap_or_default();
        if is_range(between) {
            inherit(first, second);
        }
    }
    numbers.into_iter().map(|(found, ..)| found).collect()
}

/// The number that begins at a piece, and the piece after it.
fn number(text: &str, tokens: &[Token], at: usize, locale: Locale) -> Option<(Found, usize)> {
    let Numeral { value, step, used, is_word } = numeral(&tokens[at..], locale)?;
    let (first, last) = (&tokens[at], tokens.get(at + used - 1)?);
    let before = at.checked_sub(1).and_then(|n| tokens.get(n)).filter(|token| token.kind == Kind::Word);
    let currency = before.and_then(|token| currency_before(&token.text));
    let is_joined = before.is_some_and(|token| token.end == first.start);
    if !is_word && currency.is_none() && is_joined && before.is_some_and(|token| token.text.chars().count() <= 2) {
        // A name such as B2B or Q3.
        return None;
    }
    let mut end = at + used;
    let large = tokens.get(end).filter(|token| token.kind == Kind::Word).and_then(|token| {
        let is_short = token.text.len() <= 2 && token.text != "mi" && token.text != "bi";
        magnitude(&token.text).filter(|_| !is_short || token.start == last.end)
    });
    end += usize::from(large.is_some());
    let (unit, used) = after(tokens, end, locale);
    end += used;
    let unit = match (currency, unit) {
        (Some((code, _)), _) => Unit::Money(code),
        (None, Unit::None) => before.and_then(|token| place(&token.text, value, locale)).unwrap_or(Unit::None),
        (None, unit) => unit,
    };
    let scale = large.unwrap_or(1.0);
    let is_article = is_word && value == 1.0 && large.is_none() && matches!(unit, Unit::Time(_));
    let is_small = unit == Unit::None && large.is_none() && value <= SMALL && value.fract() == 0.0;
    let start = currency.map_or(first.start, |_| before.map_or(first.start, |token| token.start));
    let found = Found {
        value: value * scale,
        step: step * scale,
        unit,
        scale: 1.0,
        is_free: is_article || is_small || is_of_list(text, first, last),
        start,
        end: tokens[end - 1].end,
    };
    Some((found, end))
}

/// What the word before a number makes of it.
fn place(word: &str, value: f64, locale: Locale) -> Option<Unit> {
    let is_date = is_month(word, locale) && word != "may" && value <= 31.0;
    of_place(word).or_else(|| is_date.then_some(DATE))
}

/// What stands after a number, and how many pieces it is.
fn after(tokens: &[Token], at: usize, locale: Locale) -> (Unit, usize) {
    let rest = tokens.get(at..).unwrap_or_default();
    let hyphen = usize::from(rest.first().is_some_and(|token| token.text == "-") && rest.len() > 1);
    let words: Vec<&str> = rest[hyphen..].iter().take(2).map(|token| token.text.as_str()).collect();
    let month = words.iter().position(|word| is_month(word, locale)).filter(|n| *n > 0 || words[0] != "may");
    match (of_words(&words), month) {
        (Some((unit, used)), _) => (unit, hyphen + used),
        (None, Some(n)) if n == 0 || matches!(words[0], "de" | "of") => (DATE, hyphen + n + 1),
        _ => (Unit::None, 0),
    }
}

/// `1.` and `2)` at the beginning of a line.
fn is_of_list(text: &str, first: &Token, last: &Token) -> bool {
    let is_first = text[..first.start].trim_end_matches([' ', '\t']).chars().next_back().is_none_or(|c| c == '\n');
    let mut rest = text[last.end..].chars();
    is_first && first.text.len() <= 2 && matches!(rest.next(), Some('.' | ')')) && rest.next().is_some_and(|c| c == ' ')
}

fn is_range(between: &[Token]) -> bool {
    let joins = ["a", "ate", "to", "e", "and", "ou", "or", "-", "–", "—", "/"];
    matches!(between, [token] if joins.contains(&token.text.as_str()))
        || matches!(between, [first, second] if joins.contains(&first.text.as_str()) && currency_before(&second.text).is_some())
}

fn inherit(first: &mut Found, second: &Found) {
    let large = [1e3, 1e6, 1e9, 1e12].into_iter().rev().find(|large| second.step >= *large / 100.0 && *large > 1.0);
    if first.unit == Unit::None && second.unit != Unit::None {
        first.unit = second.unit.clone();
        first.is_free = false;
    }
    if let Some(large) = large.filter(|_| first.step <= 1.0 && first.value < 1_000.0) {
        first.scale = large;
        first.is_free = false;
    }
}
