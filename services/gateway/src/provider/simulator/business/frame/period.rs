//! Over which time is an amount told?

/// Words after or before an amount that say it.
const WORDS: &[(&str, &str)] = &[
    ("ao mes", "month"),
    ("por mes", "month"),
    ("/mes", "month"),
    ("mensal", "month"),
    ("mensais", "month"),
    ("per month", "month"),
    ("a month", "month"),
    ("/month", "month"),
    ("monthly", "month"),
    ("/mo", "month"),
    ("each month", "month"),
    ("every month", "month"),
    ("todo mes", "month"),
    ("no mes", "month"),
    ("ao ano", "year"),
    ("por ano", "year"),
    ("/ano", "year"),
    ("anual", "year"),
    ("anuais", "year"),
    ("per year", "year"),
    ("a year", "year"),
    ("/year", "year"),
    ("yearly", "year"),
    ("annual", "year"),
    ("no ano", "year"),
    ("no ano passado", "year"),
    ("no ultimo ano", "year"),
    ("in a year", "year"),
    ("last year", "year"),
    ("em um ano", "year"),
    ("year over year", "year"),
    ("em doze meses", "year"),
    ("em 12 meses", "year"),
    ("no trimestre", "quarter"),
    ("por trimestre", "quarter"),
    ("trimestral", "quarter"),
    ("ultimo trimestre", "quarter"),
    ("per quarter", "quarter"),
    ("a quarter", "quarter"),
    ("quarterly", "quarter"),
    ("last quarter", "quarter"),
    ("in three months", "quarter"),
    ("em tres meses", "quarter"),
    ("ultimos tres meses", "quarter"),
    ("ultimos 3 meses", "quarter"),
    ("em 3 meses", "quarter"),
    ("in 3 months", "quarter"),
    ("last three months", "quarter"),
    ("last 3 months", "quarter"),
    ("over three months", "quarter"),
    ("por semana", "week"),
    ("per week", "week"),
    ("a week", "week"),
    ("weekly", "week"),
    ("por dia", "day"),
    ("per day", "day"),
    ("a day", "day"),
    ("daily", "day"),
];

/// The first in the words after an amount, else the last in the words before it.
pub fn period(before: &str, after: &str) -> Option<&'static str> {
    let first = WORDS.iter().filter_map(|(word, period)| Some((at(after, word)?, *period))).min();
    let last = || WORDS.iter().filter_map(|(word, period)| Some((at(before, word)?, *period))).max();
    first.or_else(last).map(|(_, period)| period)
}

fn at(text: &str, word: &str) -> Option<usize> {
    let at = text.find(word)?;
    let after = text[at + word.len()..].chars().next();
    let before = text[..at].chars().next_back();
    let open = word.starts_with('/') || !before.is_some_and(char::is_alphanumeric);
    (open && !after.is_some_and(char::is_alphanumeric)).then_some(at)
}
