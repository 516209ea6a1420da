//! How is a number written in prose?

use crate::{domain::locale::Locale, words};

/// In which language, and in which currency amounts are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style<'a> {
    pub locale: Locale,
    pub currency: &'a str,
}

impl Style<'_> {
    /// A value with its unit, such as `R$ 120 mil`, `4,5%` or `6 meses`.
    pub fn number(self, value: f64, unit: &str) -> String {
        let locale = self.locale;
        match unit {
            "money" => self.money(value, self.currency),
            "percent" => format!("{}%", self.decimal(value, 2)),
            "count" if value.abs() >= 1e6 => self.scaled(value),
            "count" | "months" | "days" | "weeks" | "years" | "hours" => {
                let text = self.decimal(value, 1);
                match words::unit(unit, value.abs() == 1.0, locale) {
                    Some(word) => format!("{text} {word}"),
                    None => text,
                }
            }
            "ratio" | "score" => self.decimal(value, 2),
            "fraction" => format!("{}%", self.decimal(value * 100.0, 2)),
            unit => self.other(value, unit),
        }
    }

    /// A change of a value: of percentages in points.
    pub fn change(self, value: f64, unit: &str) -> String {
        let sign = if value > 0.0 { "+" } else { "" };
        match unit {
            "percent" => format!("{sign}{} {}", self.decimal(value, 2), self.locale.pick("pp", "p.p.")),
            unit => format!("{sign}{}", self.number(value, unit)),
        }
    }

    /// A month of the plan, such as `mês 7`.
    pub fn month(self, month: u32) -> String {
        format!("{} {month}", self.locale.pick("month", "mês"))
    }

    fn money(self, value: f64, currency: &str) -> String {
        let mark = match (currency, self.locale) {
            ("BRL", Locale::PtBr) => "R$ ".to_owned(),
            ("BRL", Locale::En) => "R$".to_owned(),
            ("USD", Locale::PtBr) => "US$ ".to_owned(),
            ("USD", Locale::En) => "$".to_owned(),
            ("EUR", Locale::PtBr) => "€ ".to_owned(),
            ("EUR", Locale::En) => "€".to_owned(),
            ("GBP", _) => "£".to_owned(),
            (code, _) => format!("{code} "),
        };
        let amount = self.scaled(value.abs());
        let is_nothing = amount.chars().all(|c| matches!(c, '0' | '.' | ','));
        format!("{}{mark}{amount}", if value < 0.0 && !is_nothing { "-" } else { "" })
    }

    /// Short: thousands and more as words or letters, with as many places as say something.
    fn scaled(self, value: f64) -> String {
        let size = value.abs();
        if size < 1e3 {
            let is_whole = (size * 100.0).round() % 100.0 == 0.0;
            return if is_whole { self.grouped(value, 0) } else { self.grouped(value, 2) };
        }
        if size < 9_999.5 {
            return self.grouped(value, 0);
        }
        // What would be written as a thousand of one size is one of the next.
        let (by, decimals, step) = match size {
            size if size < 999_950.0 => (1e3, 1, 0),
            size if size < 999_995_000.0 => (1e6, if size < 1e7 { 2 } else { 1 }, 1),
            size if size < 999_995e6 => (1e9, 2, 2),
            _ => (1e12, 2, 3),
        };
        let text = self.decimal(value / by, decimals);
        let word = words::SCALES[step];
        match self.locale {
            Locale::En => format!("{text}{}", word.0),
            Locale::PtBr if size / by < 2.0 => format!("{text} {}", word.1),
            Locale::PtBr => format!("{text} {}", word.2),
        }
    }

    fn other(self, value: f64, unit: &str) -> String {
        let (by, named) = match unit.split_once(' ') {
            Some(("thousand", named)) => (1e3, named),
            Some(("million", named)) => (1e6, named),
            _ => (1.0, unit),
        };
        match named {
            "thousand" => self.scaled(value * 1e3),
            "million" => self.scaled(value * 1e6),
            named if named.len() == 3 && named.bytes().all(|b| b.is_ascii_uppercase()) => self.money(value * by, named),
            named => format!("{} {}", self.decimal(value * by, 2), named.replace('_', " ")),
        }
    }

    /// At most so many decimals, without noughts at the end.
    fn decimal(self, value: f64, decimals: usize) -> String {
        let text = self.grouped(value, decimals);
        match text.rsplit_once(self.locale.pick(".", ",")) {
            Some((whole, part)) if decimals > 0 => match part.trim_end_matches('0') {
                "" => whole.to_owned(),
                part => format!("{whole}{}{part}", self.locale.pick(".", ",")),
            },
            _ => text,
        }
    }

    fn grouped(self, value: f64, decimals: usize) -> String {
        let (group, point) = (self.locale.pick(",", "."), self.locale.pick(".", ","));
        let text = format!("{:.decimals$}", value.abs());
        let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
        let mut grouped = String::new();
        for (n, digit) in whole.chars().enumerate() {
            if n > 0 && (whole.len() - n) % 3 == 0 {
                grouped.push_str(group);
            }
            grouped.push(digit);
        }
        let is_nothing = text.chars().all(|c| matches!(c, '0' | '.'));
        let sign = if value < 0.0 && !is_nothing { "-" } else { "" };
        if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}{point}{part}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::report::Cell, prose::orphans};
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const PT: Style<'static> = Style { locale: Locale::PtBr, currency: "BRL" };
    const EN: Style<'static> = Style { locale: Locale::En, currency: "USD" };

    #[test]
    fn numbers_are_short_and_those_of_the_language() {
        for (value, unit, pt, en) in [
            (120_000.0, "money", "R$ 120 mil", "$120K"),
            (1_200_000.0, "money", "R$ 1,2 milhão", "$1.2M"),
            (2_345_678.0, "money", "R$ 2,35 milhões", "$2.35M"),
            (999_960.0, "money", "R$ 1 milhão", "$1M"),
            (-20_500.0, "money", "-R$ 20,5 mil", "-$20.5K"),
            (1_290.0, "money", "R$ 1.290", "$1,290"),
            (49.9, "money", "R$ 49,90", "$49.90"),
            (-0.001, "money", "R$ 0", "$0"),
            (4.5, "percent", "4,5%", "4.5%"),
            (1.0, "months", "1 mês", "1 month"),
            (7.5, "months", "7,5 meses", "7.5 months"),
            (90.0, "days", "90 dias", "90 days"),
            (1_350.0, "count", "1.350", "1,350"),
            (3.25, "ratio", "3,25", "3.25"),
            (3.0, "thousand EUR", "€ 3.000", "€3,000"),
            (3.0, "cups_of_tea", "3 cups of tea", "3 cups of tea"),
        ] {
            assert_eq!((PT.number(value, unit).as_str(), EN.number(value, unit).as_str()), (pt, en));
        }
        assert_eq!((PT.change(-1.5, "percent").as_str(), EN.change(1.5, "percent").as_str()), ("-1,5 p.p.", "+1.5 pp"));
    }

    proptest! {
        #[test]
        fn what_is_written_for_a_cell_is_a_number_of_the_cell(
            value in prop_oneof![-1e3..1e3f64, -1e6..1e6f64, -1e13..1e13f64],
            unit in proptest::sample::select(vec!["money", "percent", "count", "months", "days", "ratio", "score", "thousand EUR"]),
        ) {
            for style in [PT, EN, Style { currency: "CLP", ..PT }, Style { currency: "GBP", ..EN }] {
                let text = style.number(value, unit);
                let cell = Cell { value, unit: unit.into(), text: text.clone(), label: String::new(), origin: String::new() };
                let cells = BTreeMap::from([("c".to_owned(), cell)]);
                prop_assert_eq!(orphans(&text, &cells, style.locale), [""; 0], "{}", text);
            }
        }
    }
}
