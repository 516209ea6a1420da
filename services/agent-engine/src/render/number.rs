//! How is a number written?

use super::{name, text};
use crate::domain::{
    locale::Locale,
    opinion::{Interval, Range},
    registry,
};

/// Stands for a number that there is not.
pub(super) const NONE: &str = "–";
/// From here on nobody reads cents.
const WITHOUT_CENTS: f64 = 10_000.0;
/// From here on nobody counts digits.
const COUNTLESS: f64 = 1e15;

/// Numbers in one language and one currency.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers<'a> {
    pub locale: Locale,
    /// ISO 4217.
    pub currency: &'a str,
}

impl Numbers<'_> {
    /// `R$ 1.234,56`; whole amounts and large ones have no cents.
    pub fn money(self, value: f64) -> String {
        self.money_of(self.currency, value)
    }

    /// An amount that is planned or reckoned, which nobody knows to the cent.
    pub fn rounded(self, value: f64) -> String {
        self.money(if value.abs() >= 100.0 { value.round() } else { value })
    }

    fn money_of(self, currency: &str, value: f64) -> String {
        let digits = if is_whole(value) || value.abs() >= WITHOUT_CENTS { 0 } else { 2 };
        self.signed(value, digits, &self.symbol(currency))
    }

    /// An amount for an axis or a small place: `R$ 1,2 mi`.
    pub fn compact(self, value: f64) -> String {
        let symbol = self.symbol(self.currency);
        let (scale, word) = match value.abs() {
            size if size >= 1e9 => (1e9, self.locale.pick("bn", " bi")),
            size if size >= 1e6 => (1e6, self.locale.pick("M", " mi")),
            size if size >= 1e3 => (1e3, self.locale.pick("k", " mil")),
            _ => (1.0, ""),
        };
        if !value.is_finite() || value.abs() >= COUNTLESS {
            return self.money(value);
        }
        let scaled = value / scale;
        let sign = if scaled < 0.0 { "-" } else { "" };
        let digits = if scaled.abs() >= 100.0 {
            0
        } else if scale >= 1e6 {
            2
        } else {
            1
        };
        format!("{sign}{symbol}{}{word}", self.trimmed(scaled.abs(), digits))
    }

    /// `1.234`, of amounts whose currency stands elsewhere and of things.
    pub fn whole(self, value: f64) -> String {
        self.signed(value, 0, "")
    }

    /// `4,5%`.
    pub fn percent(self, value: f64) -> String {
        if !value.is_finite() {
            return NONE.to_owned();
        }
        format!("{}%", self.trimmed(value, if value.abs() < 1.0 { 2 } else { 1 }))
    }

    /// `72%` of 0.72.
    pub fn share(self, part: f64) -> String {
        if part.is_finite() { format!("{}%", self.signed(part * 100.0, 0, "")) } else { NONE.to_owned() }
    }

    /// At most so many digits after the point, none of them for nothing.
    pub fn trimmed(self, value: f64, digits: usize) -> String {
        let text = self.signed(value, digits, "");
        let point = self.locale.pick(".", ",");
        match text.split_once(point) {
            Some((whole, fraction)) if fraction.bytes().all(|digit| digit.is_ascii_digit()) => {
                let fraction = fraction.trim_end_matches('0');
                let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}{point}{fraction}") };
                if text == "-0" { "0".to_owned() } else { text }
            }
            _ => text,
        }
    }

    /// A value of this unit, as facts and claims name units.
    pub fn of(self, value: f64, unit: &str) -> String {
        if !value.is_finite() {
            return NONE.to_owned();
        }
        match unit {
            "money" => self.money(value),
            "percent" => self.percent(value),
            "fraction" => self.percent(value * 100.0),
            "ratio" | "score" | "" => self.trimmed(value, 2),
            "count" => self.trimmed(value, 1),
            _ => match unit.split_once(' ').unwrap_or((unit, "")) {
                (scale @ ("thousand" | "million"), named) => self.scaled(value, scale, named),
                _ if is_currency(unit) => self.money_of(unit, value),
                _ => format!("{} {}", self.trimmed(value, 1), name::unit(unit, self.is_one(value), self.locale)),
            },
        }
    }

    /// A value of this unit and how often it comes: `R$ 1.200 por mês`.
    pub fn per(self, value: f64, unit: &str, period: Option<&str>) -> String {
        let value = self.of(value, unit);
        match period.and_then(|period| name::period(period, self.locale)) {
            Some(period) => format!("{value} {period}"),
            None => value,
        }
    }

    /// What is most likely, with both ends where they are apart.
    pub fn interval(self, value: Interval, unit: &str, period: Option<&str>) -> String {
        let point = self.per(value.point, unit, period);
        if value.low == value.high || !(value.low.is_finite() && value.high.is_finite()) {
            return point;
        }
        format!("{point} ({})", self.ends(value.low, value.high, unit))
    }

    /// `R$ 10.000 a R$ 20.000`, or one of them where they are the same.
    pub fn range(self, range: Range) -> String {
        let [low, high] = [range.low, range.high].map(|end| self.rounded(end));
        self.between(low, high)
    }

    /// Both ends.
    pub fn ends(self, low: f64, high: f64, unit: &str) -> String {
        self.between(self.of(low, unit), self.of(high, unit))
    }

    fn between(self, low: String, high: String) -> String {
        if low == high { low } else { format!("{low} {} {high}", self.locale.pick("to", "a")) }
    }

    /// A value of a metric of the registry, in its base unit.
    pub fn of_metric(self, value: f64, key: &str) -> String {
        self.of(value, registry::metric(key).map_or("", |metric| metric.unit.as_str()))
    }

    fn scaled(self, value: f64, scale: &str, named: &str) -> String {
        let word = match scale {
            "thousand" => self.locale.pick("thousand", "mil"),
            _ => self.locale.pick("million", if value.abs() < 2.0 { "milhão" } else { "milhões" }),
        };
        let symbol = if named == "money" { self.symbol(self.currency) } else { self.symbol(named) };
        let sign = if value < 0.0 { "-" } else { "" };
        format!("{sign}{symbol}{} {word}", self.trimmed(value.abs(), 2))
    }

    /// Grammar's singular.
    fn is_one(self, value: f64) -> bool {
        match self.locale {
            Locale::En => value == 1.0,
            Locale::PtBr => (1.0..2.0).contains(&value.abs()),
        }
    }

    /// What stands before the digits.
    fn symbol(self, currency: &str) -> String {
        let code = text::one_line(currency).to_uppercase();
        let known = match code.as_str() {
            "BRL" => self.locale.pick("R$", "R$ "),
            "USD" => self.locale.pick("$", "US$ "),
            "EUR" => self.locale.pick("€", "€ "),
            "GBP" => self.locale.pick("£", "£ "),
            "" => "",
            _ => return format!("{} ", text::shortened(&code, 8)),
        };
        known.to_owned()
    }

    fn signed(self, value: f64, digits: usize, symbol: &str) -> String {
        if !value.is_finite() {
            return NONE.to_owned();
        }
        let (group, point) = (self.locale.pick(",", "."), self.locale.pick(".", ","));
        if value.abs() >= COUNTLESS {
            return format!("{symbol}{value:.2e}").replace('.', point);
        }
        let text = format!("{:.digits$}", value.abs());
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let is_nothing = text.bytes().all(|digit| matches!(digit, b'0' | b'.'));
        let sign = if value < 0.0 && !is_nothing { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { point };
        format!("{sign}{symbol}{}{point}{fraction}", grouped(whole, group))
    }
}

/// Whether cents would all be zeros.
fn is_whole(value: f64) -> bool {
    (value - value.round()).abs() < 0.005
}

fn is_currency(unit: &str) -> bool {
    unit.len() == 3 && unit.bytes().all(|letter| letter.is_ascii_uppercase())
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
mod tests;
