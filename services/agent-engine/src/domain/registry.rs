//! Metrics and levers that the engine knows: data (`data/registry.json`), so that numbers of several agents can be compared.
//! Others may be named `x_…`; they are shown, and never compared.

use super::{locale::Locale, opinion::Interval};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

static REGISTRY: LazyLock<Registry> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../data/registry.json")).expect("the registry is part of the program")
});

/// All of it.
#[derive(Debug, Deserialize)]
pub struct Registry {
    /// Of the data.
    pub version: u32,
    /// In the order in which they are shown.
    pub metrics: Vec<Metric>,
    /// In the order in which they are shown.
    pub levers: Vec<Lever>,
}

/// Something that has a number.
#[derive(Debug, Deserialize)]
pub struct Metric {
    /// Its name in claims.
    pub key: String,
    /// The base unit: `money`, `percent`, `count`, `months`, `days`, `ratio` or `score`.
    pub unit: String,
    /// Of flows: over which time it is told when nothing else is said.
    pub period: Option<String>,
    /// `up` or `down`: which way is better.
    pub good: String,
    /// Two values that are no further apart than this agree.
    pub tolerance_abs: f64,
    /// The same as a part of the larger one.
    pub tolerance_rel: f64,
    /// How much it matters, 0 to 1.
    pub weight: f64,
    /// By language.
    pub label: BTreeMap<String, String>,
    /// Other names that people and models give it.
    pub aliases: Vec<String>,
}

/// Something that can be moved.
#[derive(Debug, Deserialize)]
pub struct Lever {
    /// Its name in recommendations.
    pub key: String,
    /// Who moves it.
    pub owner: String,
    /// By language.
    pub label: BTreeMap<String, String>,
}

/// The registry of this release.
pub fn registry() -> &'static Registry {
    &REGISTRY
}

/// The metric of this key.
pub fn metric(key: &str) -> Option<&'static Metric> {
    REGISTRY.metrics.iter().find(|metric| metric.key == key)
}

/// The metric of this key, or of another name for it.
pub fn metric_named(name: &str) -> Option<&'static Metric> {
    metric(name).or_else(|| REGISTRY.metrics.iter().find(|metric| metric.aliases.iter().any(|alias| alias == name)))
}

/// The lever of this key.
pub fn lever(key: &str) -> Option<&'static Lever> {
    REGISTRY.levers.iter().find(|lever| lever.key == key)
}

/// What people call a metric or a lever; of one that is not known its key, in words.
pub fn label(key: &str, locale: Locale) -> String {
    let known = metric(key).map(|metric| &metric.label).or_else(|| lever(key).map(|lever| &lever.label));
    match known.and_then(|label| label.get(locale.as_str())) {
        Some(label) => label.clone(),
        None => key.strip_prefix("x_").unwrap_or(key).replace('_', " "),
    }
}

/// What a lever is called; levers come before metrics of the same key.
pub fn lever_label(key: &str, locale: Locale) -> String {
    let known = lever(key).and_then(|lever| lever.label.get(locale.as_str()));
    known.cloned().unwrap_or_else(|| label(key, locale))
}

impl Metric {
    /// How many of `unit` per `period` one of the base unit per its own period is: what a value is multiplied with. None:
    /// they cannot be compared. `currency` is that of the brief: another one is never converted.
    pub fn factor(&self, unit: &str, period: Option<&str>, currency: &str) -> Option<f64> {
        Some(unit_factor(&self.unit, unit, currency)? * self.period_factor(period)?)
    }

    /// A value in base units.
    pub fn normalise(&self, value: Interval, unit: &str, period: Option<&str>, currency: &str) -> Option<Interval> {
        let factor = self.factor(unit, period, currency)?;
        Some(Interval { low: value.low * factor, point: value.point * factor, high: value.high * factor })
    }

    fn period_factor(&self, period: Option<&str>) -> Option<f64> {
        let (Some(own), Some(period)) = (self.period.as_deref(), period) else { return Some(1.0) };
        // A rate is no sum: five per cent a month are not sixty a year.
        if own == period || !is_span(period) {
            return Some(1.0);
        }
        (self.unit != "percent").then_some(())?;
        Some(days(own)? / days(period)?)
    }
}

fn is_span(period: &str) -> bool {
    days(period).is_some()
}

fn days(period: &str) -> Option<f64> {
    Some(match period {
        "day" => 1.0,
        "week" => 7.0,
        "month" => 365.0 / 12.0,
        "quarter" => 365.0 / 4.0,
        "year" => 365.0,
        _ => return None,
    })
}

fn unit_factor(base: &str, unit: &str, currency: &str) -> Option<f64> {
    if base == unit {
        return Some(1.0);
    }
    match (base, unit) {
        ("money", unit) => {
            let (scale, named) = match unit.split_once(' ') {
                Some(("thousand", named)) => (1e3, named),
                Some(("million", named)) => (1e6, named),
                _ => match unit {
                    "thousand" => (1e3, currency),
                    "million" => (1e6, currency),
                    named => (1.0, named),
                },
            };
            (named.eq_ignore_ascii_case(currency) || named == "money").then_some(scale)
        }
        ("percent", "fraction") => Some(100.0),
        ("percent", "basis_points") => Some(0.01),
        ("count", "thousand") => Some(1e3),
        ("count", "million") => Some(1e6),
        ("months", "days" | "day") => Some(12.0 / 365.0),
        ("months", "weeks") => Some(84.0 / 365.0),
        ("months", "years") => Some(12.0),
        ("days", "weeks") => Some(7.0),
        ("days", "hours") => Some(1.0 / 24.0),
        ("days", "months") => Some(365.0 / 12.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_both_languages_and_a_key_of_its_own() {
        let labels = registry().metrics.iter().map(|m| (&m.key, &m.label));
        for (key, label) in labels.chain(registry().levers.iter().map(|l| (&l.key, &l.label))) {
            assert!(label.contains_key("en") && label.contains_key("pt-BR"), "{key}");
        }
        for (at, metric) in registry().metrics.iter().enumerate() {
            assert!(!registry().metrics[..at].iter().any(|other| other.key == metric.key), "{}", metric.key);
            assert!(matches!(metric.good.as_str(), "up" | "down") && metric.weight > 0.0 && metric.weight <= 1.0);
            for alias in &metric.aliases {
                assert_eq!(metric_named(alias).map(|named| &named.key), Some(&metric.key), "{alias} has two meanings");
            }
        }
    }

    #[test]
    fn units_and_periods_convert_where_they_can() {
        let revenue = metric("revenue").expect("revenue");
        let near = |a: Option<f64>, b: f64| (a.expect("a factor") - b).abs() < 1e-9;
        assert!(near(revenue.factor("thousand BRL", Some("month"), "BRL"), 1e3));
        assert!(near(revenue.factor("money", Some("year"), "BRL"), 1.0 / 12.0));
        assert!(near(revenue.factor("money", Some("d90"), "BRL"), 1.0), "a day in the future is no span");
        assert_eq!(revenue.factor("USD", Some("month"), "BRL"), None, "nobody knows the rate");
        let churn = metric("churn").expect("churn");
        assert!(near(churn.factor("fraction", Some("month"), "BRL"), 100.0));
        assert_eq!(churn.factor("percent", Some("year"), "BRL"), None, "rates are no sums");
    }
}
