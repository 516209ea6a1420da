//! Which amount belongs to which metric? The nearest words of the same sentence decide.

use super::{
    Found,
    amounts::{Amount, Page},
    cues::CUES,
    period::period,
};
use crate::provider::simulator::business::{names, text};

/// Words after which an amount is less than before.
const FALLS: &[&str] = &[
    "cai", "queda", "recu", "reduz", "diminu", "encolh", "despenc", "perd", "retra", "fell", "fall", "drop", "declin",
    "decreas", "down", "shrank", "shrink", "lost", "lower",
];
const RISES: &[&str] = &["cresc", "sub", "aument", "grew", "grow", "rose", "rise", "up ", "increas", "gain", "expandi"];
/// Words that mean that people are gone, so that they are no count of what there is.
const GONE: &[&str] =
    &["perdemos", "perdeu", "perder", "lost", "losing", "lose", "sairam", "cancelaram", "demit", "left us"];
/// After a percentage: of what it is a part.
const SHARES: &[&str] = &[
    "da receita",
    "da nossa receita",
    "das vendas",
    "das nossas vendas",
    "do faturamento",
    "do nosso faturamento",
    "of revenue",
    "of our revenue",
    "of the revenue",
    "of sales",
    "of our sales",
    "of turnover",
];
/// How far words may stand from their amount, in characters.
const FAR: usize = 70;

struct Pair {
    cost: usize,
    cue: usize,
    amount: usize,
}

/// Each metric and each amount once, in the order of the text.
pub fn link(page: &Page, amounts: &[Amount]) -> Vec<Found> {
    let mut pairs = vec![];
    for (at, amount) in amounts.iter().enumerate() {
        for (cue, row) in CUES.iter().enumerate() {
            let unit = if amount.unit == "days" && row.unit == "months" { continue } else { row.unit };
            let fits = unit == amount.unit || unit == "days" && amount.unit == "months" && row.key != "inventory_days";
            let best = row.words.iter().filter_map(|word| distance(page, amounts, at, word)).min();
            let Some(cost) = best.filter(|_| fits) else { continue };
            let pair = Pair { cost, cue, amount: at };
            // An amount that belongs to nothing here is free for other words.
            if found(page, amounts, &pair).is_some() {
                pairs.push(pair);
            }
        }
    }
    pairs.sort_by_key(|pair| (pair.cost, pair.amount, pair.cue));
    let mut chosen: Vec<&Pair> = vec![];
    for pair in &pairs {
        if chosen.iter().all(|other| other.amount != pair.amount && CUES[other.cue].key != CUES[pair.cue].key) {
            chosen.push(pair);
        }
    }
    chosen.sort_by_key(|pair| pair.amount);
    chosen.iter().filter_map(|pair| found(page, amounts, pair)).collect()
}

/// How far these words are from the amount; none if they are in another sentence or too far.
fn distance(page: &Page, amounts: &[Amount], at: usize, word: &str) -> Option<usize> {
    let amount = amounts.get(at)?;
    let length = word.chars().count();
    let left = amount.from.saturating_sub(FAR);
    let right = (amount.to + FAR).min(page.plain.len());
    let mut best = None;
    for place in left..right {
        let begins = place == 0 || !page.plain.get(place - 1).is_some_and(|c| c.is_alphanumeric());
        let inside = place + length > amount.from && place < amount.to;
        if !begins || inside || !page.is_at(place, word) {
            continue;
        }
        let before = place < amount.from;
        let gap = if before { (place + length, amount.from) } else { (amount.to, place) };
        let Some(cost) = gap_cost(page, amounts, gap, before) else { continue };
        // Of words at the same place the longer ones say more.
        let cost = cost.saturating_sub(length.min(12) / 4);
        best = Some(best.map_or(cost, |other: usize| other.min(cost)));
    }
    best
}

fn gap_cost(page: &Page, amounts: &[Amount], gap: (usize, usize), before: bool) -> Option<usize> {
    let words = page.between(gap.0, gap.1);
    if words.contains(['.', ';', '!', '?']) && !words.trim_end().ends_with("approx.") {
        return None;
    }
    let between = amounts.iter().filter(|other| other.from >= gap.0 && other.to <= gap.1).count();
    let commas = words.matches([',', ':']).count()
        + [" e ", " and ", " mas ", " but ", " com ", " with "].iter().filter(|w| words.contains(**w)).count();
    let length = words.trim().chars().count();
    let tie = if words.trim() == "de" || words.trim() == "of" || words.trim().is_empty() { 0 } else { 2 };
    let side = if before { 0 } else { 3 };
    Some(4 + length + 25 * between + 14 * commas + tie + side)
}

fn found(page: &Page, amounts: &[Amount], pair: &Pair) -> Option<Found> {
    let row = CUES.get(pair.cue)?;
    let amount = amounts.get(pair.amount)?;
    let start = amounts[..pair.amount].last().map_or(0, |other| other.to).max(amount.from.saturating_sub(FAR));
    let end = amounts.get(pair.amount + 1).map_or(page.plain.len(), |other| other.from).min(amount.to + 40);
    let before = last_sentence(&page.between(start, amount.from));
    let after = first_sentence(&page.between(amount.to, (amount.to + 40).min(page.plain.len())));
    let near_after = first_sentence(&page.between(amount.to, end));
    if matches!(row.key, "customers" | "headcount") && GONE.iter().any(|word| before.contains(word)) {
        return None;
    }
    // A part of revenue is no change of it.
    if row.key == "revenue_growth" && SHARES.iter().any(|word| after.trim_start().starts_with(word)) {
        return None;
    }
    let mut value = amount.value;
    if row.key.ends_with("growth") && value > 0.0 {
        value *= direction(&before, &near_after)?;
    }
    let (unit, value) = match (row.unit, amount.unit) {
        ("number", _) => (if row.key == "nps" { "score" } else { "count" }, value),
        ("days", "months") => ("days", value * 30.0),
        (unit, _) => (unit, value),
    };
    let own = names::metric(row.key).and_then(|metric| metric.period.clone());
    let told = period(&tail(last_part(&before), 28), &after).map(str::to_owned);
    let period = own.map(|own| told.unwrap_or(own));
    Some(Found {
        key: row.key.to_owned(),
        value,
        unit: unit.to_owned(),
        period,
        quote: page.quote(amount.from, amount.to),
    })
}

/// 1 or -1; none where nothing says whether it grew.
fn direction(before: &str, after: &str) -> Option<f64> {
    let last = |words: &[&str]| words.iter().filter_map(|word| position(before, word)).max();
    let any = |words: &[&str]| words.iter().any(|word| text::has(after, word));
    match (last(FALLS), last(RISES)) {
        (Some(falls), Some(rises)) => Some(if falls > rises { -1.0 } else { 1.0 }),
        (Some(_), None) => Some(-1.0),
        (None, Some(_)) => Some(1.0),
        _ if any(FALLS) => Some(-1.0),
        _ if any(RISES) => Some(1.0),
        _ => None,
    }
}

fn position(text: &str, stem: &str) -> Option<usize> {
    let start = |at: &usize| !text[..*at].chars().next_back().is_some_and(char::is_alphanumeric);
    text.match_indices(stem).map(|(at, _)| at).filter(start).max()
}

fn last_sentence(text: &str) -> String {
    text.rsplit(['.', ';', '!', '?']).next().unwrap_or_default().to_owned()
}

/// What comes after the last joint of a sentence.
fn last_part(text: &str) -> &str {
    let cut = [" e ", " and ", ", "].iter().filter_map(|joint| text.rfind(joint).map(|at| at + joint.len())).max();
    text.get(cut.unwrap_or(0)..).unwrap_or_default()
}

fn first_sentence(text: &str) -> String {
    text.split(['.', ';', '!', '?', ',']).next().unwrap_or_default().to_owned()
}

fn tail(text: &str, most: usize) -> String {
    let skip = text.chars().count().saturating_sub(most);
    text.chars().skip(skip).collect()
}
