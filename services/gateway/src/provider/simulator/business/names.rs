//! What are metrics and levers called, and who moves them?

use super::case::Locale;
use serde::Deserialize;
use std::sync::LazyLock;

static NAMES: LazyLock<Names> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/names.json")).unwrap_or_default());

#[derive(Debug, Default, Deserialize)]
struct Names {
    metrics: Vec<Metric>,
    levers: Vec<Lever>,
}

/// Something that has a number.
#[derive(Debug, Deserialize)]
pub struct Metric {
    /// Its name in claims.
    pub key: String,
    /// Its base unit.
    pub unit: String,
    /// Of flows: the usual one.
    pub period: Option<String>,
    /// `up` or `down`: what is better.
    pub good: String,
    /// What people call it.
    pub label: [String; 2],
    /// How to ask for it.
    pub question: [String; 2],
}

/// Something that can be moved.
#[derive(Debug, Deserialize)]
pub struct Lever {
    /// Its name in recommendations.
    pub key: String,
    /// Who moves it.
    pub owner: String,
    /// What people call it.
    pub label: [String; 2],
}

/// The metric of this key.
pub fn metric(key: &str) -> Option<&'static Metric> {
    NAMES.metrics.iter().find(|metric| metric.key == key)
}

/// The lever of this key.
pub fn lever(key: &str) -> Option<&'static Lever> {
    NAMES.levers.iter().find(|lever| lever.key == key)
}

/// What people call a metric; of one that is not known its key, in words.
pub fn label(key: &str, locale: Locale) -> String {
    metric(key).map_or_else(|| spoken(key), |metric| locale.pick(&metric.label).to_owned())
}

/// What people call a lever.
pub fn lever_label(key: &str, locale: Locale) -> String {
    lever(key).map_or_else(|| spoken(key), |lever| locale.pick(&lever.label).to_owned())
}

fn spoken(key: &str) -> String {
    key.strip_prefix("x_").unwrap_or(key).replace(['_', '{', '}'], " ")
}
