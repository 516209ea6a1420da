//! How is an amount written?

use super::Language;
use crate::money::digits;

/// For people: `R$ 1.234,56`. A currency has its sign where readers know it and the fonts of PDF have it, and its code
/// otherwise.
pub(crate) fn text(amount: i64, currency: &str, language: Language) -> String {
    let currency = currency.to_ascii_uppercase();
    let (whole, fraction) = parts(amount, digits(&currency));
    let (group, point) = separators(language);
    let whole = grouped(&whole, group);
    let sign = if amount < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { point };
    let symbol = match (currency.as_str(), language) {
        ("BRL", Language::En) => "R$",
        ("BRL", Language::PtBr) => "R$ ",
        ("USD", Language::En) => "$",
        ("USD", Language::PtBr) => "US$ ",
        ("EUR", Language::En) => "€",
        ("EUR", Language::PtBr) => "€ ",
        ("GBP", Language::En) => "£",
        ("GBP", Language::PtBr) => "£ ",
        ("JPY", Language::En) => "¥",
        ("JPY", Language::PtBr) => "JP¥ ",
        (code, _) => &format!("{code} "),
    };
    format!("{sign}{symbol}{whole}{point}{fraction}")
}

/// For programs: `-1234.56`.
pub(super) fn decimal(amount: i64, currency: &str) -> String {
    let (whole, fraction) = parts(amount, digits(currency));
    let sign = if amount < 0 { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{whole}{point}{fraction}")
}

/// A number of things: `1.234`.
pub(super) fn count(number: i64, language: Language) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", grouped(&number.unsigned_abs().to_string(), separators(language).0))
}

/// A rate in percent, as it is kept with a point: `2,9%`.
pub(super) fn percent(rate: &str, language: Language) -> String {
    format!("{}%", rate.trim().replace('.', separators(language).1))
}

/// What groups digits, and what stands before a fraction.
const fn separators(language: Language) -> (&'static str, &'static str) {
    match language {
        Language::En => (",", "."),
        Language::PtBr => (".", ","),
    }
}

/// The digits before and after the point.
fn parts(amount: i64, digits: usize) -> (String, String) {
    // As text, so that the lowest number of all has an absolute value too.
    let mut whole = format!("{:0>width$}", amount.unsigned_abs(), width = digits + 1);
    let fraction = whole.split_off(whole.len() - digits);
    (whole, fraction)
}

fn grouped(digits: &str, separator: &str) -> String {
    let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            out.push_str(separator);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_readers_of_the_language_write_them() {
        let cases = [
            (123_456, "BRL", "R$1,234.56", "R$ 1.234,56"),
            (123_456, "USD", "$1,234.56", "US$ 1.234,56"),
            (123_456, "EUR", "€1,234.56", "€ 1.234,56"),
            (123_456, "GBP", "£1,234.56", "£ 1.234,56"),
            (123_456, "MXN", "MXN 1,234.56", "MXN 1.234,56"),
            (123_456, "JPY", "¥123,456", "JP¥ 123.456"),
            (123_456, "krw", "KRW 123,456", "KRW 123.456"),
            (1_234_567, "KWD", "KWD 1,234.567", "KWD 1.234,567"),
            (-123_456, "BRL", "-R$1,234.56", "-R$ 1.234,56"),
            (0, "USD", "$0.00", "US$ 0,00"),
            (-5, "USD", "-$0.05", "-US$ 0,05"),
            (7, "TND", "TND 0.007", "TND 0,007"),
            (100_000_000, "USD", "$1,000,000.00", "US$ 1.000.000,00"),
            (i64::MIN, "USD", "-$92,233,720,368,547,758.08", "-US$ 92.233.720.368.547.758,08"),
        ];
        for (amount, currency, en, pt) in cases {
            assert_eq!(text(amount, currency, Language::En), en);
            assert_eq!(text(amount, currency, Language::PtBr), pt);
        }
    }

    #[test]
    fn programs_get_a_point_and_as_many_digits_as_the_currency_has() {
        for currency in ["BIF", "CLP", "JPY", "KRW", "PYG", "VND", "XPF"] {
            assert_eq!(decimal(-123_456, currency), "-123456", "{currency}");
        }
        for currency in ["BHD", "JOD", "KWD", "OMR", "TND"] {
            assert_eq!(decimal(123_456, currency), "123.456", "{currency}");
        }
        assert_eq!((decimal(123_456, "BRL"), decimal(-5, "USD")), ("1234.56".to_owned(), "-0.05".to_owned()));
        assert_eq!(decimal(i64::MIN, "USD"), "-92233720368547758.08");
    }

    #[test]
    fn rates_and_quantities_are_in_the_language_too() {
        assert_eq!((percent("2.9", Language::En), percent("2.9", Language::PtBr)), ("2.9%".into(), "2,9%".into()));
        assert_eq!((count(-12_345, Language::En), count(12_345, Language::PtBr)), ("-12,345".into(), "12.345".into()));
    }
}
