//! How are numbers written and rounded?

use super::case::Locale;

/// A number of this unit, as people write it.
pub fn show(value: f64, unit: &str, currency: &str, locale: Locale) -> String {
    match unit {
        "money" => money(value, currency, locale),
        "percent" => format!("{}%", plain(value, 1, locale)),
        "points" => counted(value, "point", "points", "ponto", "pontos", locale),
        "months" => counted(value, "month", "months", "mês", "meses", locale),
        "days" => counted(value, "day", "days", "dia", "dias", locale),
        "ratio" => plain(value, 2, locale),
        _ => plain(value, if value.abs() < 20.0 { 1 } else { 0 }, locale),
    }
}

fn counted(value: f64, one: &str, many: &str, um: &str, varios: &str, locale: Locale) -> String {
    let number = plain(value, 1, locale);
    // In Portuguese all below two is singular.
    let single = match locale {
        Locale::En => number == "1",
        Locale::Pt => value.abs() < 1.95,
    };
    let word = if single { locale.choose(one, um) } else { locale.choose(many, varios) };
    format!("{number} {word}")
}

fn money(value: f64, currency: &str, locale: Locale) -> String {
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    let symbol = match (currency, locale) {
        ("BRL", Locale::Pt) => "R$ ",
        ("BRL", Locale::En) => "R$",
        ("USD", Locale::Pt) => "US$ ",
        ("USD", Locale::En) => "$",
        ("EUR", _) => "€",
        ("GBP", _) => "£",
        _ => "",
    };
    let code = if symbol.is_empty() && !currency.is_empty() { format!("{currency} ") } else { symbol.to_owned() };
    let (scaled, en, one, many) = match size {
        s if s >= 999_500_000.0 => (s / 1e9, "B", " bilhão", " bilhões"),
        s if s >= 999_500.0 => (s / 1e6, "M", " milhão", " milhões"),
        s if s >= 10_000.0 => (s / 1e3, "k", " mil", " mil"),
        s => (s, "", "", ""),
    };
    let digits = if scaled < 100.0 && !en.is_empty() { 1 } else { 0 };
    let digits = if en == "M" || en == "B" { digits + 1 } else { digits };
    let scale = locale.choose(en, if scaled < 2.0 { one } else { many });
    format!("{sign}{code}{}{scale}", plain(scaled, digits, locale))
}

/// A bare number with separators; zeros at its end are left out.
fn plain(value: f64, digits: usize, locale: Locale) -> String {
    let text = format!("{value:.digits$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |rest| ("-", rest));
    let part = part.trim_end_matches('0');
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push_str(locale.choose(",", "."));
        }
        grouped.push(digit);
    }
    let sign = if part.is_empty() && grouped == "0" { "" } else { sign };
    if part.is_empty() {
        format!("{sign}{grouped}")
    } else {
        format!("{sign}{grouped}{}{part}", locale.choose(".", ","))
    }
}

/// Two figures that count: how one writes a cost that is an estimate.
pub fn round_cost(value: f64) -> f64 {
    if value.is_nan() || value < 1.0 {
        return 0.0;
    }
    let size = 10f64.powf((value.log10().floor() - 1.0).max(0.0));
    (value / size).round() * size
}

/// As many digits as mean something for a computed number.
pub fn round(value: f64) -> f64 {
    let size = value.abs();
    let factor = match size {
        s if s >= 1e4 => 1.0,
        s if s >= 100.0 => 10.0,
        _ => 100.0,
    };
    // What is left of zero would be shown as minus zero.
    (value * factor).round() / factor + 0.0
}
