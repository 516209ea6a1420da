//! What was known before: facts, limits and how far the analysis looks.

use super::{super::topic::metric_label, Table};
use crate::{
    domain::{
        brief::{Brief, ConstraintKind, Fact},
        registry,
    },
    read::slug,
    words,
};

pub(super) fn add(table: &mut Table<'_>, brief: &Brief) {
    for fact in &brief.facts {
        let (label, origin) = (label(fact, table), format!("fact:{}", fact.key));
        table.put(&format!("f_{}", slug(&fact.key)), fact.value, &fact.unit, label, origin);
    }
    let horizon = f64::from(brief.horizon_days);
    let label = table.pick("How far the analysis looks ahead", "Horizonte da análise");
    table.put("horizon", horizon, "days", label, "fact:horizon_days".into());
    if let Some(cap) = brief.budget_cap() {
        let label = table.pick("Budget limit", "Limite de orçamento");
        table.put("budget_cap", cap, "money", label, "fact:budget_cap".into());
    }
    for limit in &brief.constraints {
        let Some(value) = limit.value else { continue };
        match (limit.kind, limit.key.as_deref()) {
            (ConstraintKind::Deadline, _) => {
                let label = table.pick("Deadline", "Prazo final");
                table.put("deadline", value, "days", label, "fact:deadline".into());
            }
            (ConstraintKind::MetricMin | ConstraintKind::MetricMax, Some(key)) => {
                let unit = registry::metric(key).map_or("count", |metric| metric.unit.as_str());
                let label = format!("{}: {}", table.pick("Limit", "Limite"), metric_label(key, brief.locale));
                table.put(&format!("limit_{}", slug(key)), value, unit, label, format!("fact:{key}"));
            }
            _ => {}
        }
    }
}

fn label(fact: &Fact, table: &Table<'_>) -> String {
    let locale = table.style.locale;
    let label = registry::label(&fact.key, locale);
    let period = fact.period.as_deref().or_else(|| registry::metric(&fact.key)?.period.as_deref());
    match period.map(|period| words::period(period, locale)).filter(|period| !period.is_empty()) {
        Some(period) => format!("{label} ({period})"),
        None => label,
    }
}
