//! What single agents say and assume.

use super::{super::topic::metric_label, Table};
use crate::{
    domain::{
        brief::Brief,
        opinion::{Claim, Interval, Opinion},
        registry,
    },
    read::slug,
    words,
};

pub(super) fn add(table: &mut Table<'_>, brief: &Brief, opinions: &[Opinion]) {
    let locale = brief.locale;
    for opinion in opinions {
        let by = format!("{} {}", table.pick("according to", "segundo"), opinion.role.label(locale));
        for claim in &opinion.claims {
            let (Some(value), Some(metric)) = (claim.value, claim.metric.as_deref()) else { continue };
            let (value, unit, period) = in_base(claim, metric, value, brief);
            let label = match period.map(|period| words::period(&period, locale)).filter(|period| !period.is_empty()) {
                Some(period) => format!("{} ({period}), {by}", metric_label(metric, locale)),
                None => format!("{}, {by}", metric_label(metric, locale)),
            };
            let (id, origin) = (format!("said_{}", slug(&claim.id)), format!("claim:{}", claim.id));
            table.put(&id, value.point, &unit, label.clone(), origin.clone());
            if value.low < value.high {
                table.put(&format!("{id}_low"), value.low, &unit, label.clone(), origin.clone());
                table.put(&format!("{id}_high"), value.high, &unit, label, origin);
            }
        }
        for (n, assumption) in opinion.assumptions.iter().enumerate() {
            let label = format!("{}, {}", metric_label(&assumption.key, locale), table.pick("assumed", "premissa"));
            let (id, origin) =
                (format!("said_{}_a{}", opinion.role, n + 1), format!("claim:{}.a{}", opinion.role, n + 1));
            table.put(&id, assumption.value, &assumption.unit, label, origin);
        }
    }
}

/// In the base unit where the registry can convert it, over its own time; as it was said where it cannot.
fn in_base(claim: &Claim, metric: &str, value: Interval, brief: &Brief) -> (Interval, String, Option<String>) {
    let known = registry::metric(metric);
    let unit = claim.unit.as_deref().or(known.map(|metric| metric.unit.as_str())).unwrap_or("count");
    let based = known.and_then(|known| known.normalise(value, unit, claim.period.as_deref(), &brief.currency));
    let day = claim.period.clone().filter(|period| period.starts_with('d') && period.len() > 1 && period != "day");
    match (based, known) {
        (Some(value), Some(known)) => (value, known.unit.clone(), day.or_else(|| known.period.clone())),
        _ => (value, unit.to_owned(), claim.period.clone()),
    }
}
