//! What is the request about? Reads the common part of its data; whatever is odd is left out.

use super::{facts, text};
use serde_json::Value;

/// The most characters of a problem that are looked at.
const MOST: usize = 12_000;

/// In which language the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    /// English.
    En,
    /// Brazilian Portuguese.
    Pt,
}

impl Locale {
    /// Reads a tag such as `pt-BR`.
    pub fn read(value: &Value) -> Self {
        match value.as_str() {
            Some(tag) if tag.to_ascii_lowercase().starts_with("pt") => Self::Pt,
            _ => Self::En,
        }
    }

    /// One of an English and a Portuguese text.
    pub fn pick(self, pair: &[String; 2]) -> &str {
        let [en, pt] = pair;
        self.choose(en, pt)
    }

    /// See [`Self::pick`].
    pub const fn choose<'a>(self, en: &'a str, pt: &'a str) -> &'a str {
        match self {
            Self::En => en,
            Self::Pt => pt,
        }
    }
}

/// One number that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// Its metric.
    pub key: String,
    /// Per month if it is a flow.
    pub value: f64,
    /// Such as `money`.
    pub unit: String,
    /// The words that it was read from.
    pub quote: Option<String>,
}

/// What must not be broken.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// The most that may be spent.
    pub cap: Option<f64>,
    /// The last day.
    pub deadline: Option<f64>,
    /// Levers that are not touched.
    pub forbidden: Vec<String>,
    /// The lowest allowed value of a metric.
    pub floors: Vec<(String, f64)>,
    /// The highest allowed value of a metric.
    pub ceilings: Vec<(String, f64)>,
}

/// The common part of all requests.
#[derive(Clone, Debug)]
pub struct Case {
    /// Who answers.
    pub role: String,
    /// In which language.
    pub locale: Locale,
    /// In the words of who asks.
    pub problem: String,
    /// Such as `SaaS`; may be empty.
    pub business: String,
    /// ISO 4217.
    pub currency: String,
    /// How far to look ahead.
    pub horizon: u32,
    /// Each key once.
    pub facts: Vec<Fact>,
    /// See [`Limits`].
    pub limits: Limits,
    /// 1, or 2 for a second estimate.
    pub sample: u64,
}

impl Case {
    /// Reads it; none without a problem.
    pub fn read(data: &Value) -> Option<Self> {
        let brief = &data["brief"];
        let problem = brief["problem_description"].as_str().filter(|text| !text.trim().is_empty())?;
        let problem: String = problem.chars().take(MOST).collect();
        let horizon = brief["horizon_days"].as_f64().filter(|days| *days >= 1.0).unwrap_or(90.0).min(3650.0);
        let currency = brief["currency"].as_str().filter(|code| !code.is_empty()).unwrap_or("BRL");
        Some(Self {
            role: role(&data["role"]).to_owned(),
            locale: Locale::read(&data["locale"]),
            business: business(brief["business_type"].as_str().unwrap_or_default()),
            currency: currency.chars().filter(char::is_ascii_alphabetic).take(3).collect(),
            horizon: whole(horizon),
            facts: facts::facts(&brief["facts"], &problem),
            limits: facts::limits(&brief["constraints"]),
            sample: data["sample"].as_u64().unwrap_or(1),
            problem,
        })
    }

    /// The role whose mandate it speaks from: those without a vote see what the analyst sees.
    pub fn mandate(&self) -> &str {
        match self.role.as_str() {
            "reviewer" | "chair" => "analyst",
            role => role,
        }
    }

    /// The fact of this key.
    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.key == key)
    }
}

fn role(value: &Value) -> &str {
    const ROLES: [&str; 8] =
        ["analyst", "commercial", "financial", "market", "operations", "risk_legal", "reviewer", "chair"];
    value.as_str().filter(|role| ROLES.contains(role)).unwrap_or("analyst")
}

/// A name that can stand in a sentence.
fn business(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() || "{}".contains(c) { ' ' } else { c }).collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = text::clip(text.trim_end_matches('.'), 44);
    if text.eq_ignore_ascii_case("saas") { "SaaS".to_owned() } else { text::small(&text) }
}

/// A number of days, which is neither negative nor huge.
pub fn whole(days: f64) -> u32 {
    // In range by the clamp, so that nothing is lost.
    format!("{:.0}", days.clamp(0.0, 100_000.0)).parse().unwrap_or(0)
}
