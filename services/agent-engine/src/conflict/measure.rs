//! Which numbers are about the same thing at the same time, and how do they compare?

use super::{
    gap::{Tolerance, sound},
    table::{Said, Table},
};
use crate::domain::{
    opinion::{Claim, ClaimKind, Interval},
    registry::{self, Metric},
};
use std::collections::BTreeMap;

/// The time that a number is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Bucket {
    /// As it is: now, or the pace of now.
    Now,
    /// So many months of thirty days from now, rounded.
    Ahead(u32),
    /// Some day: a forecast that does not say when.
    Later,
}

/// A number of a claim.
pub(crate) struct Measure<'a> {
    metric: &'static Metric,
    /// In base units per the period of the metric. None: it cannot be converted.
    pub base: Option<Interval>,
    /// In the base unit, per the period of the claim. None: the unit cannot be converted.
    converted: Option<Interval>,
    raw: Interval,
    unit: &'a str,
    period: Option<&'a str>,
}

/// How two numbers of the same metric and time compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Compared {
    /// They may both be right.
    Agree,
    /// They may not: how far apart they are, 0 to 1.
    Apart(f64),
    /// Nobody can convert one to the other.
    Incomparable,
}

/// A claim and its number.
pub(crate) type Measured<'t, 'a> = (&'t Said<'a, Claim>, Measure<'a>);

/// What was measured or forecast, by metric and time. Only of metrics of the registry.
pub(crate) fn by_metric<'t, 'a>(table: &'t Table<'a>) -> BTreeMap<(&'static str, Bucket), Vec<Measured<'t, 'a>>> {
    let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for said in &table.claims {
        if let Some((bucket, measure)) = measure(said.item, &table.brief.currency) {
            groups.entry((measure.metric.key.as_str(), bucket)).or_default().push((said, measure));
        }
    }
    groups
}

/// The number of a claim and its time. None: it is none, or one that is never compared.
pub(crate) fn measure<'a>(claim: &'a Claim, currency: &str) -> Option<(Bucket, Measure<'a>)> {
    let metric = registry::metric(claim.metric.as_deref()?)?;
    let measured = matches!(claim.kind, ClaimKind::Metric | ClaimKind::Forecast);
    let raw = sound(claim.value.filter(|_| measured)?)?;
    let (unit, period) = (claim.unit.as_deref().unwrap_or(&metric.unit), claim.period.as_deref());
    let bucket = bucket(claim, metric)?;
    let base = metric.normalise(raw, unit, period, currency).and_then(sound);
    let converted = metric.normalise(raw, unit, None, currency).and_then(sound);
    Some((bucket, Measure { metric, base, converted, raw, unit, period }))
}

impl Bucket {
    /// What is put after the key of a metric, so that a number of another day is not taken for one of today.
    pub(crate) fn suffix(self) -> String {
        match self {
            Self::Now => String::new(),
            Self::Ahead(months) => format!("@d{}", u64::from(months) * 30),
            Self::Later => "@later".to_owned(),
        }
    }
}

impl<'a> Measure<'a> {
    /// Another value of the same author, in the units of this one.
    pub(crate) fn revised(&self, value: Interval, currency: &str) -> Option<Interval> {
        sound(self.metric.normalise(sound(value)?, self.unit, self.period, currency)?)
    }

    /// Both must be of the same metric and time.
    pub(crate) fn compare(&self, other: &Measure<'a>) -> Compared {
        let tolerance = Tolerance::of(self.metric);
        let apart = |tolerance: Tolerance, a, b| tolerance.apart(a, b).map_or(Compared::Agree, Compared::Apart);
        if let (Some(a), Some(b)) = (self.base, other.base) {
            return apart(tolerance, a, b);
        }
        match (self.converted, other.converted) {
            (Some(a), Some(b)) if self.period == other.period => apart(tolerance, a, b),
            // Rates of other periods are no sums, and not about the same thing.
            (Some(_), Some(_)) => Compared::Agree,
            // Nobody knows the rate, but both are told in it: the absolute tolerance is one of base units, so it is left out.
            _ if self.unit.eq_ignore_ascii_case(other.unit) && self.period == other.period => {
                apart(Tolerance { abs: 0.0, ..tolerance }, self.raw, other.raw)
            }
            _ => Compared::Incomparable,
        }
    }
}

/// A span such as `month` is the pace of a flow. Of a forecast it says nothing about when, unless the metric is a stock: cash
/// in a year is that of a day a year from now.
fn bucket(claim: &Claim, metric: &Metric) -> Option<Bucket> {
    let forecast = claim.kind == ClaimKind::Forecast;
    let days = match claim.period.as_deref() {
        Some("now") => return Some(Bucket::Now),
        None if forecast => return Some(Bucket::Later),
        None => return Some(Bucket::Now),
        Some(span @ ("day" | "week" | "month" | "quarter" | "year")) => match (forecast, &metric.period) {
            (false, _) => return Some(Bucket::Now),
            (true, Some(_)) => return Some(Bucket::Later),
            (true, None) => match span {
                "day" => 1,
                "week" => 7,
                "month" => 30,
                "quarter" => 90,
                _ => 365,
            },
        },
        Some(day) => day.strip_prefix('d')?.parse::<u32>().ok()?,
    };
    let months = days / 30 + u32::from(days % 30 >= 15);
    Some(if months == 0 { Bucket::Now } else { Bucket::Ahead(months) })
}
