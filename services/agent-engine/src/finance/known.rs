//! What is a number of today, and who says so?

use crate::{
    choice::number::median,
    conflict::{
        measure::{Bucket, by_metric},
        table::Table,
    },
    domain::{brief, brief::Brief, meeting::Decision, meeting::Outcome, opinion::Opinion, registry},
};
use std::collections::BTreeMap;

/// No number of a company is larger; what is, is an error that must not spread.
const MOST: f64 = 1e12;

/// Who says a number, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    Fact,
    Agreed,
    Assumed,
    Default,
}

/// A number in the base unit of its metric.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Value {
    pub value: f64,
    pub source: Source,
}

/// Where numbers are looked for.
pub(super) struct Known<'a> {
    brief: &'a Brief,
    decisions: &'a [Decision],
    /// Everything that agents say about today, by metric.
    said: BTreeMap<String, Vec<f64>>,
}

impl Source {
    /// As it stands in reports.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Agreed => "agreed",
            Self::Assumed => "assumed",
            Self::Default => "default",
        }
    }
}

impl Value {
    /// A number that comes of others is as sure as the least sure of them.
    pub fn of(value: f64, sources: &[Self]) -> Self {
        let source = sources.iter().map(|of| of.source).max().unwrap_or(Source::Default);
        Self { value: bounded(value), source }
    }

    /// A number that nobody gave.
    pub const fn default(value: f64) -> Self {
        Self { value, source: Source::Default }
    }
}

impl<'a> Known<'a> {
    /// Collects what is said.
    pub fn new(brief: &'a Brief, opinions: &'a [Opinion], decisions: &'a [Decision]) -> Self {
        let table = Table::new(brief, opinions);
        let mut said: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for ((key, bucket), group) in by_metric(&table) {
            if bucket == Bucket::Now {
                let points = group.iter().filter_map(|(_, measure)| measure.base).map(|base| base.point);
                said.entry(key.to_owned()).or_default().extend(points);
            }
        }
        for assumption in table.assumptions.iter().map(|said| said.item) {
            let metric = registry::metric(&assumption.key);
            let factor = metric.and_then(|metric| metric.factor(&assumption.unit, None, &brief.currency));
            said.entry(assumption.key.clone()).or_default().extend(factor.map(|factor| assumption.value * factor));
        }
        Self { brief, decisions, said }
    }

    /// A fact, what was agreed on, what had to be assumed, or the median of what agents say; in this order.
    pub fn get(&self, key: &str) -> Option<Value> {
        let found = |value: Option<f64>, source| {
            value.filter(|value| value.is_finite()).map(|value| Value { value: bounded(value), source })
        };
        let (given, assumed) = self.facts(key);
        found(given, Source::Fact)
            .or_else(|| found(self.agreed(key), Source::Agreed))
            .or_else(|| found(assumed, Source::Assumed))
            .or_else(|| found(median(self.said.get(key).into_iter().flatten().copied()), Source::Assumed))
    }

    /// What somebody gave, and what had to be assumed.
    fn facts(&self, key: &str) -> (Option<f64>, Option<f64>) {
        let value = self.brief.fact(key).and_then(|fact| {
            let factor = registry::metric(key)?.factor(&fact.unit, fact.period.as_deref(), &self.brief.currency)?;
            Some((fact.value * factor, fact.source))
        });
        match value {
            Some((value, brief::Source::Assumed)) => (None, Some(value)),
            Some((value, _)) => (Some(value), None),
            None => (None, None),
        }
    }

    fn agreed(&self, key: &str) -> Option<f64> {
        let of = |decision: &&Decision| decision.topic == key && decision.outcome == Outcome::Agreed;
        self.decisions.iter().find(of).and_then(|decision| decision.value).map(|value| value.point)
    }
}

/// Within what can be reckoned with; what is no number is nothing.
pub(super) fn bounded(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value.clamp(-MOST, MOST) }
}
