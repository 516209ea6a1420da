//! Which number do words or digits say?

use super::token::{Kind, Token};
use crate::domain::locale::Locale;

/// A number, and how many pieces of the text say it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Numeral {
    pub value: f64,
    /// The last place that is written.
    pub step: f64,
    pub used: usize,
    pub is_word: bool,
}

/// The number that the pieces begin with.
pub(super) fn numeral(tokens: &[Token], locale: Locale) -> Option<Numeral> {
    let first = tokens.first()?;
    match first.kind {
        Kind::Number => {
            let (value, step) = digits(&first.text, locale);
            Some(Numeral { value, step, used: 1, is_word: false })
        }
        Kind::Word => words(tokens, locale),
        Kind::Mark => None,
    }
}

/// A value and its last place. What no number is written like is no number.
fn digits(text: &str, locale: Locale) -> (f64, f64) {
    let text: String = text.chars().filter(|c| !matches!(c, '\'' | '\u{a0}' | '\u{202f}')).collect();
    let last = text.rfind(['.', ',']);
    let decimal = last.filter(|at| is_decimal(&text, *at, locale));
    let (whole, decimals) = decimal.map_or((text.as_str(), ""), |at| (&text[..at], &text[at + 1..]));
    let whole: String = whole.chars().filter(|c| !matches!(c, '.' | ',')).collect();
    let value = format!("{whole}.{decimals}0").parse().unwrap_or(f64::NAN);
    (value, 0.1f64.powi(i32::try_from(decimals.len()).unwrap_or(i32::MAX)))
}

/// Whether what stands after the last separator is a part of one: in doubt the language says so.
fn is_decimal(text: &str, at: usize, locale: Locale) -> bool {
    let (whole, after) = (&text[..at], &text[at + 1..]);
    let separator = &text[at..=at];
    if whole.contains(separator) {
        return false;
    }
    let is_group = after.len() == 3 && (1..=3).contains(&whole.len()) && whole != "0";
    !is_group || separator == locale.pick(".", ",")
}

fn words(tokens: &[Token], locale: Locale) -> Option<Numeral> {
    let first = &tokens[0].text;
    let article = || matches!(first.as_str(), "a" | "half" | "meio" | "meia").then_some(0.0);
    let mut value = of_word(first, locale).or_else(article)?;
    let mut used = 1;
    if value == 0.0 && first != "zero" {
        return article_of(tokens, locale);
    }
    while let Some((next, length)) = following(&tokens[used..], locale) {
        if next == 100.0 && locale == Locale::En && value < 10.0 {
            value *= 100.0;
        } else if value >= 20.0 && next < place(value) {
            value += next;
        } else {
            break;
        }
        used += length;
    }
    Some(Numeral { value, step: 1.0, used, is_word: true })
}

/// `a million`, `half a million`, `meio milhão`: only of magnitudes, since articles are everywhere.
fn article_of(tokens: &[Token], locale: Locale) -> Option<Numeral> {
    let word = |n: usize| tokens.get(n).map(|token| token.text.as_str()).unwrap_or_default();
    let is_large = |n: usize| super::unit::magnitude(word(n)).is_some() && word(n).len() > 2;
    let (value, used) = match (word(0), locale) {
        ("a", Locale::En) if word(1) == "hundred" => (100.0, 2),
        ("a", Locale::En) if is_large(1) => (1.0, 1),
        ("half", Locale::En) if word(1) == "a" && is_large(2) => (0.5, 2),
        ("meio", Locale::PtBr) if is_large(1) => (0.5, 1),
        _ => return None,
    };
    Some(Numeral { value, step: if value < 1.0 { 0.1 } else { 1.0 }, used, is_word: true })
}

fn following(tokens: &[Token], locale: Locale) -> Option<(f64, usize)> {
    let joins = |text: &str| text == "-" || text == locale.pick("and", "e");
    let skipped = usize::from(tokens.first().is_some_and(|token| joins(&token.text)));
    let token = tokens.get(skipped).filter(|token| token.kind == Kind::Word)?;
    of_word(&token.text, locale).map(|value| (value, skipped + 1))
}

/// The largest power of ten that divides a number.
fn place(value: f64) -> f64 {
    if value % 100.0 == 0.0 {
        100.0
    } else if value % 10.0 == 0.0 {
        10.0
    } else {
        1.0
    }
}

const ONES_EN: [&str; 21] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
];
const ONES_PT: [&str; 21] = [
    "zero",
    "um",
    "dois",
    "tres",
    "quatro",
    "cinco",
    "seis",
    "sete",
    "oito",
    "nove",
    "dez",
    "onze",
    "doze",
    "treze",
    "quatorze",
    "quinze",
    "dezesseis",
    "dezessete",
    "dezoito",
    "dezenove",
    "vinte",
];
const TENS_EN: [&str; 7] = ["thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const TENS_PT: [&str; 7] = ["trinta", "quarenta", "cinquenta", "sessenta", "setenta", "oitenta", "noventa"];
const HUNDREDS_PT: [&str; 8] =
    ["duzent", "trezent", "quatrocent", "quinhent", "seiscent", "setecent", "oitocent", "novecent"];

fn of_word(word: &str, locale: Locale) -> Option<f64> {
    let at = |list: &[&str], step: u32, first: u32| {
        let found = list.iter().position(|name| *name == word)?;
        u32::try_from(found).ok().map(|n| f64::from(n * step + first))
    };
    match locale {
        Locale::En if word == "hundred" => Some(100.0),
        Locale::En => at(&ONES_EN, 1, 0).or_else(|| at(&TENS_EN, 10, 30)),
        Locale::PtBr => match word {
            "uma" => Some(1.0),
            "duas" => Some(2.0),
            "catorze" => Some(14.0),
            "cem" | "cento" => Some(100.0),
            "mil" => Some(1_000.0),
            _ => at(&ONES_PT, 1, 0).or_else(|| at(&TENS_PT, 10, 30)).or_else(|| hundreds(word)),
        },
    }
}

fn hundreds(word: &str) -> Option<f64> {
    let stem = word.strip_suffix("os").or_else(|| word.strip_suffix("as"))?;
    let found = HUNDREDS_PT.iter().position(|name| *name == stem)?;
    u32::try_from(found).ok().map(|n| f64::from(n * 100 + 200))
}

#[cfg(test)]
mod tests {
    use super::{super::token::tokens, *};

    fn read(text: &str, locale: Locale) -> Option<(f64, usize)> {
        numeral(&tokens(text), locale).map(|numeral| (numeral.value, numeral.used))
    }

    #[test]
    fn digits_are_read_as_the_language_writes_them() {
        let both = |text: &str| (digits(text, Locale::PtBr).0, digits(text, Locale::En).0);
        assert_eq!(both("1.234"), (1_234.0, 1.234));
        assert_eq!(both("1,234"), (1.234, 1_234.0));
        assert_eq!(both("1.234,5"), (1_234.5, 1_234.5));
        assert_eq!(both("1,234,567.8"), (1_234_567.8, 1_234_567.8));
        assert_eq!(both("4.5"), (4.5, 4.5));
        assert_eq!(both("0,125"), (0.125, 0.125));
        assert_eq!(both("1\u{a0}234"), (1_234.0, 1_234.0));
        assert_eq!(digits("12,50", Locale::PtBr).1, 0.1f64.powi(2));
        assert!(digits("½", Locale::En).0.is_nan());
    }

    #[test]
    fn words_say_numbers_too() {
        for (text, value, used) in [
            ("vinte e cinco clientes", 25.0, 3),
            ("cento e vinte mil", 120.0, 3),
            ("dois e três", 2.0, 1),
            ("quinhentas pessoas", 500.0, 1),
            ("meio milhão", 0.5, 1),
            ("mil clientes", 1_000.0, 1),
        ] {
            assert_eq!(read(text, Locale::PtBr), Some((value, used)), "{text}");
        }
        for (text, value, used) in [
            ("twenty-five people", 25.0, 3),
            ("one hundred and twenty", 120.0, 4),
            ("a million", 1.0, 1),
            ("half a million", 0.5, 2),
            ("a hundred people", 100.0, 2),
        ] {
            assert_eq!(read(text, Locale::En), Some((value, used)), "{text}");
        }
        assert_eq!(read("a plan", Locale::En), None);
        assert_eq!(read("meio termo", Locale::PtBr), None);
        assert_eq!(read("a empresa", Locale::PtBr), None);
    }
}
