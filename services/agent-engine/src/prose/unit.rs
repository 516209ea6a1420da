//! What is a number a number of?

use crate::domain::locale::Locale;

/// What stands at a number in prose.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Unit {
    /// Nothing that is known: a count of something, or an amount without a currency.
    None,
    /// With the mark of the currency.
    Money(&'static str),
    /// Or points of it.
    Percent,
    /// A time, in days per one.
    Time(f64),
    /// The place of a month or a day in the plan.
    Place(f64),
    /// So many times something.
    Times,
}

pub(super) const DAY: f64 = 1.0;
pub(super) const MONTH: f64 = 30.0;

/// Marks of currencies, longer ones before those that they end with.
const CURRENCIES: [(&str, &str); 13] = [
    ("us$", "USD"),
    ("r$", "BRL"),
    ("$", "$"),
    ("€", "EUR"),
    ("£", "GBP"),
    ("brl", "BRL"),
    ("usd", "USD"),
    ("eur", "EUR"),
    ("gbp", "GBP"),
    ("reais", "BRL"),
    ("dolares", "USD"),
    ("dollars", "USD"),
    ("euros", "EUR"),
];

/// The currency whose mark a text without accents ends with, and how long the mark is.
pub(super) fn currency_before(plain: &str) -> Option<(&'static str, usize)> {
    let (mark, code) = CURRENCIES[..9].iter().find(|(mark, _)| plain.ends_with(mark))?;
    let before = plain[..plain.len() - mark.len()].chars().next_back();
    let is_word = mark.starts_with(char::is_alphabetic) && before.is_some_and(char::is_alphanumeric);
    (!is_word).then_some((*code, mark.len()))
}

/// What a word after a number says.
pub(super) fn of_word(word: &str) -> Option<Unit> {
    if let Some((_, code)) = CURRENCIES[3..].iter().find(|(mark, _)| *mark == word) {
        return Some(Unit::Money(code));
    }
    Some(match word {
        "%" | "percent" | "pp" | "p.p" | "p.p." | "pct" => Unit::Percent,
        "day" | "days" | "dia" | "dias" => Unit::Time(DAY),
        "week" | "weeks" | "semana" | "semanas" => Unit::Time(7.0),
        "month" | "months" | "mes" | "meses" => Unit::Time(MONTH),
        "quarter" | "quarters" | "trimestre" | "trimestres" => Unit::Time(3.0 * MONTH),
        "semester" | "semesters" | "semestre" | "semestres" => Unit::Time(6.0 * MONTH),
        "year" | "years" | "ano" | "anos" => Unit::Time(365.0),
        "hour" | "hours" | "hora" | "horas" => Unit::Time(1.0 / 24.0),
        "x" | "times" | "vezes" => Unit::Times,
        _ => return None,
    })
}

/// Words of two or three that say what a number is of; with how many.
pub(super) fn of_words(words: &[&str]) -> Option<(Unit, usize)> {
    match words {
        ["por", "cento", ..] | ["per", "cent", ..] | ["percentage", "points" | "point", ..] => Some((Unit::Percent, 2)),
        ["pontos" | "ponto", "percentuais" | "percentual", ..] => Some((Unit::Percent, 2)),
        ["de", word, ..] => of_word(word).filter(|unit| matches!(unit, Unit::Money(_))).map(|unit| (unit, 2)),
        [word, ..] => of_word(word).map(|unit| (unit, 1)),
        [] => None,
    }
}

/// What the word before a number says, such as `month 14`.
pub(super) fn of_place(word: &str) -> Option<Unit> {
    match word {
        "mes" | "month" => Some(Unit::Place(MONTH)),
        "dia" | "day" => Some(Unit::Place(DAY)),
        _ => None,
    }
}

/// Thousands and more, as words.
pub(super) fn magnitude(word: &str) -> Option<f64> {
    Some(match word {
        "mil" | "thousand" | "thousands" | "k" => 1e3,
        "milhao" | "milhoes" | "million" | "millions" | "mi" | "mn" | "mm" | "m" => 1e6,
        "bilhao" | "bilhoes" | "billion" | "billions" | "bi" | "bn" | "b" => 1e9,
        "trilhao" | "trilhoes" | "trillion" | "trillions" | "tri" => 1e12,
        _ => return None,
    })
}

const MONTHS_PT: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "marco",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const MONTHS_EN: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether a word without accents is the name of a month.
pub(super) fn is_month(word: &str, locale: Locale) -> bool {
    match locale {
        Locale::En => MONTHS_EN.contains(&word),
        Locale::PtBr => MONTHS_PT.contains(&word),
    }
}
