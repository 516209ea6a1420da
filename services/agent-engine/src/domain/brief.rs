//! The problem.

use super::locale::Locale;
use serde::{Deserialize, Serialize};

/// What is to be decided, and what is known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// In the words of who asks.
    pub problem_description: String,
    /// Such as `SaaS` or `restaurante`.
    pub business_type: String,
    /// What is known in numbers.
    pub facts: Vec<Fact>,
    /// What no decision may break.
    pub constraints: Vec<Constraint>,
    /// How far the analysis looks ahead.
    pub horizon_days: u32,
    /// ISO 4217, of every amount of money.
    pub currency: String,
    /// In which language all is written.
    pub locale: Locale,
    /// What would change the decision most and nobody has said: it has to be assumed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<Unknown>,
}

/// A number that nobody has given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// As of a fact.
    pub key: String,
    /// How it was asked for.
    pub question: String,
}

/// One number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// A key of the registry, or `x_…`.
    pub key: String,
    /// In `unit`.
    pub value: f64,
    /// `money`, `percent`, `count`, `months`, `days`, `ratio` or `score`.
    pub unit: String,
    /// `month`, `year`, … of flows; none of stocks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Who says so.
    pub source: Source,
    /// The words of the problem that it was read from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}

/// Who says that a number is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Given as a fact.
    Given,
    /// Read from the description.
    Stated,
    /// Answered when it was asked for.
    Answered,
    /// Nobody: it was missing, and something had to be assumed.
    Assumed,
}

/// A limit of the one who asks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    /// What it limits.
    pub kind: ConstraintKind,
    /// Of `metric_min` and `metric_max` a metric, of `forbidden` a lever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Money of `budget_cap`, a day of `deadline`, a value of metrics.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// As it was said, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What a constraint limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintKind {
    /// All that is started costs no more than this.
    BudgetCap,
    /// All that is started ends by this day.
    Deadline,
    /// A metric stays at or above.
    MetricMin,
    /// A metric stays at or below.
    MetricMax,
    /// A lever is not touched.
    Forbidden,
}

impl Brief {
    /// The fact of this key.
    pub fn fact(&self, key: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.key == key)
    }

    /// The value of this key.
    pub fn value(&self, key: &str) -> Option<f64> {
        self.fact(key).map(|fact| fact.value)
    }

    /// What may be spent, if somebody said so: the lowest cap.
    pub fn budget_cap(&self) -> Option<f64> {
        let caps = self.constraints.iter().filter(|c| c.kind == ConstraintKind::BudgetCap).filter_map(|c| c.value);
        caps.min_by(f64::total_cmp)
    }
}
