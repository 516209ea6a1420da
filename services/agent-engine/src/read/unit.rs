//! In which unit and over which time is a number, whatever they are called?

use crate::prose::plain;

const KNOWN: [&str; 12] = [
    "money",
    "percent",
    "count",
    "months",
    "days",
    "ratio",
    "score",
    "weeks",
    "years",
    "hours",
    "fraction",
    "basis_points",
];

const CURRENCIES: [&str; 32] = [
    "aed", "ars", "aud", "bob", "brl", "cad", "chf", "clp", "cny", "cop", "crc", "czk", "dkk", "eur", "gbp", "hkd",
    "idr", "ils", "inr", "jpy", "krw", "mxn", "ngn", "nok", "nzd", "pen", "pln", "pyg", "sek", "usd", "uyu", "zar",
];

/// A unit as the registry converts it: one of facts, `thousand BRL`, a currency. None: no unit at all.
pub fn unit(text: &str) -> Option<String> {
    let plain = plain(text.trim());
    let whole = span_free(&plain);
    if KNOWN.contains(&whole) {
        return Some(whole.to_owned());
    }
    let words: Vec<&str> = whole.split([' ', '_']).filter(|word| !word.is_empty()).collect();
    let scale = words.iter().find_map(|word| scale(word));
    let named = words.iter().filter(|word| scale_free(word)).find_map(|word| named(word));
    match (scale, named) {
        (Some(scale), Some(named)) => Some(format!("{scale} {named}")),
        (Some(scale), None) => Some(scale.to_owned()),
        (None, Some(named)) if words.len() <= 2 => Some(named),
        _ => Some(words.join("_")).filter(|unit| !unit.is_empty()),
    }
}

/// Over which time is said elsewhere.
fn span_free(text: &str) -> &str {
    let spans = ["/", " per ", " por ", " ao ", " a "];
    let end = spans.iter().filter_map(|span| text.find(span)).min().unwrap_or(text.len());
    text[..end].trim()
}

fn scale(word: &str) -> Option<&'static str> {
    match word {
        "thousand" | "thousands" | "mil" | "k" => Some("thousand"),
        "million" | "millions" | "milhao" | "milhoes" | "mi" | "mm" => Some("million"),
        _ => None,
    }
}

fn scale_free(word: &str) -> bool {
    scale(word).is_none()
}

fn named(word: &str) -> Option<String> {
    let known = match word {
        "%" | "pct" | "percentage" | "percentual" | "porcentagem" | "pp" | "p.p." => "percent",
        "r$" | "real" | "reais" => "BRL",
        "us$" | "$" | "dollar" | "dollars" => "USD",
        "€" | "euro" | "euros" => "EUR",
        "£" => "GBP",
        "dinheiro" | "currency" | "moeda" => "money",
        "day" | "dia" | "dias" => "days",
        "month" | "mes" | "meses" => "months",
        "week" | "semana" | "semanas" => "weeks",
        "year" | "ano" | "anos" => "years",
        "hour" | "hora" | "horas" => "hours",
        "x" | "vezes" | "times" | "multiple" => "ratio",
        "points" | "pontos" => "score",
        "units" | "unidades" | "number" | "customers" | "clientes" | "people" | "pessoas" => "count",
        word => KNOWN.iter().copied().find(|known| *known == word).unwrap_or_default(),
    };
    if !known.is_empty() {
        return Some(known.to_owned());
    }
    CURRENCIES.contains(&word).then(|| word.to_ascii_uppercase())
}

/// `now`, `day`, `week`, `month`, `quarter`, `year`, or `d<days>`. None: it is none of them.
pub fn period(text: &str) -> Option<String> {
    let plain = plain(text.trim());
    let known = match plain.as_str() {
        "now" | "today" | "current" | "agora" | "atual" | "hoje" => "now",
        "day" | "daily" | "dia" | "diario" => "day",
        "week" | "weekly" | "semana" | "semanal" => "week",
        "month" | "monthly" | "mes" | "mensal" => "month",
        "quarter" | "quarterly" | "trimestre" | "trimestral" => "quarter",
        "year" | "yearly" | "annual" | "ano" | "anual" => "year",
        other => return day(other),
    };
    Some(known.to_owned())
}

fn day(text: &str) -> Option<String> {
    let (digits, rest) = match text.strip_prefix('d') {
        Some(digits) => (digits, ""),
        None => text.split_at(text.find(|c: char| !c.is_ascii_digit())?),
    };
    let is_day = matches!(rest.trim(), "" | "d" | "day" | "days" | "dias");
    let days: u32 = digits.parse().ok().filter(|_| is_day)?;
    (1..=3_650).contains(&days).then(|| format!("d{days}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_that_the_registry_converts() {
        for (text, wanted) in [
            ("percent", "percent"),
            ("%", "percent"),
            ("R$", "BRL"),
            ("R$ mil", "thousand BRL"),
            ("thousand BRL", "thousand BRL"),
            ("million", "million"),
            ("brl", "BRL"),
            ("NPS", "nps"),
            ("Meses", "months"),
            ("basis_points", "basis_points"),
            ("R$ mil/mês", "thousand BRL"),
            ("% ao mês", "percent"),
            ("money", "money"),
            ("very long furlongs", "very_long_furlongs"),
        ] {
            assert_eq!(unit(text).as_deref(), Some(wanted), "{text}");
        }
        assert_eq!(unit("  "), None);
    }

    #[test]
    fn periods_are_spans_or_days_from_now() {
        let read = |text: &str| period(text).unwrap_or_default();
        assert_eq!(
            [read("Mês"), read("annual"), read("d90"), read("90 dias"), read("now")],
            ["month", "year", "d90", "d90", "now"]
        );
        assert_eq!([period("soon"), period("d"), period("d99999"), period("")], [None, None, None, None]);
    }
}
