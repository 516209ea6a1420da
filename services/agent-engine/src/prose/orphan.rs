//! Which numbers of a text has nobody told?

use super::{
    number::{Found, numbers},
    unit::{DAY, MONTH, Unit},
};
use crate::domain::{locale::Locale, report::Cell};
use std::collections::BTreeMap;

/// How far times in other units may be apart: months are of many lengths.
const NEAR: f64 = 0.1;

/// The numbers of a text that are none of the cells, within the rounding of how they are written. Small counts, ordinals
/// and the numbers of lists are free.
pub fn orphans(text: &str, cells: &BTreeMap<String, Cell>, locale: Locale) -> Vec<String> {
    let known: Vec<Known> = cells.values().flat_map(|cell| known(cell, locale)).collect();
    let found = numbers(text, locale).into_iter();
    let orphans = found.filter(|found| !found.is_free && !known.iter().any(|known| is_same(found, known)));
    orphans.map(|found| text[found.start..found.end].to_owned()).collect()
}

/// A number that may be told.
struct Known {
    value: f64,
    unit: Unit,
}

/// What a cell says: its value, and the number that is written for it.
fn known(cell: &Cell, locale: Locale) -> Vec<Known> {
    let written = numbers(&cell.text, locale);
    let currency = written.iter().find_map(|found| match found.unit {
        Unit::Money(code) => Some(code),
        _ => None,
    });
    let unit = match cell.unit.as_str() {
        "percent" => Unit::Percent,
        "days" => Unit::Time(DAY),
        "weeks" => Unit::Time(7.0),
        "months" => Unit::Time(MONTH),
        "years" => Unit::Time(365.0),
        "count" | "score" | "year" => Unit::None,
        "ratio" => Unit::Times,
        _ => Unit::Money(currency.unwrap_or_default()),
    };
    let values = std::iter::once(cell.value).chain(written.iter().map(|found| found.value));
    values.map(|value| Known { value, unit: unit.clone() }).collect()
}

fn is_same(found: &Found, known: &Known) -> bool {
    [1.0, found.scale].into_iter().any(|scale| {
        let (value, step) = (found.value * scale, found.step * scale);
        let near = |known: f64, within: f64| (value - known.abs()).abs() <= within + known.abs() * 1e-9;
        match (&found.unit, &known.unit) {
            (Unit::Time(one) | Unit::Place(one), Unit::Time(other)) if one != other => {
                let known = known.value * other / one;
                *one > 0.0 && near(known, (step / 2.0).min(known.abs() * NEAR))
            }
            (found, unit) => is_of(found, unit) && near(known.value, step / 2.0),
        }
    })
}

/// Whether what is written may be a number of this unit. Without any it may be a number of all.
fn is_of(found: &Unit, known: &Unit) -> bool {
    match (found, known) {
        (Unit::None, _) | (Unit::Percent, Unit::Percent) | (Unit::Times, Unit::Times | Unit::None) => true,
        (Unit::Money(one), Unit::Money(other)) => {
            let is_dollar = |code: &str| matches!(code, "$" | "USD");
            one == other || other.is_empty() || is_dollar(one) && is_dollar(other)
        }
        (Unit::Time(one) | Unit::Place(one), Unit::Time(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests;
