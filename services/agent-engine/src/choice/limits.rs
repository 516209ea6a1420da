//! Which constraints of the brief does one proposal break by itself?

use super::number::middle;
use crate::domain::{
    ballot::Choice,
    brief::{Brief, Constraint, ConstraintKind},
    opinion::{Direction, Effect, Range, Recommendation},
    registry,
};

/// What recommendations and choices have in common.
pub(crate) struct Plan<'a> {
    lever: &'a str,
    direction: Direction,
    cost: Option<Range>,
    end_day: u32,
    effects: &'a [Effect],
}

impl<'a> From<&'a Recommendation> for Plan<'a> {
    fn from(of: &'a Recommendation) -> Self {
        let (cost, end_day) = (of.cost, of.end_day);
        Self { lever: &of.lever, direction: of.direction, cost, end_day, effects: &of.effects }
    }
}

impl<'a> From<&'a Choice> for Plan<'a> {
    fn from(of: &'a Choice) -> Self {
        let (cost, end_day) = (of.cost, of.end_day);
        Self { lever: &of.lever, direction: of.direction, cost, end_day, effects: &of.effects }
    }
}

impl Plan<'_> {
    fn moves(&self) -> bool {
        self.direction != Direction::Keep
    }
}

/// What may be spent: the lowest cap that is a number.
pub(crate) fn cap(brief: &Brief) -> Option<f64> {
    let caps = brief.constraints.iter().filter(|constraint| constraint.kind == ConstraintKind::BudgetCap);
    caps.filter_map(|cap| cap.value)
        .filter(|value| value.is_finite())
        .map(|value| value.max(0.0))
        .min_by(f64::total_cmp)
}

/// The constraints that a plan breaks, as `code:detail`, sorted.
pub(crate) fn broken(brief: &Brief, plan: &Plan) -> Vec<String> {
    let mut codes: Vec<String> = brief.constraints.iter().filter_map(|limit| breach(brief, plan, limit)).collect();
    codes.sort();
    codes.dedup();
    codes
}

fn breach(brief: &Brief, plan: &Plan, limit: &Constraint) -> Option<String> {
    let key = limit.key.as_deref().unwrap_or_default();
    if limit.kind == ConstraintKind::Forbidden {
        // Who leaves a lever as it is does not touch it.
        return (plan.moves() && key == plan.lever).then(|| format!("forbidden:{key}"));
    }
    let value = limit.value.filter(|value| value.is_finite())?;
    match limit.kind {
        ConstraintKind::BudgetCap if middle(plan.cost) > value.max(0.0) => Some(format!("budget_cap:{value}")),
        // What is left as it is begins nothing that has to end.
        ConstraintKind::Deadline if plan.moves() && f64::from(plan.end_day) > value => {
            Some(format!("deadline:{value}"))
        }
        ConstraintKind::MetricMin => {
            let (after, change) = pushed(brief, plan, key)?;
            (change < 0.0 && after < value).then(|| format!("metric_min:{key}:{value}"))
        }
        ConstraintKind::MetricMax => {
            let (after, change) = pushed(brief, plan, key)?;
            (change > 0.0 && after > value).then(|| format!("metric_max:{key}:{value}"))
        }
        ConstraintKind::BudgetCap | ConstraintKind::Deadline | ConstraintKind::Forbidden => None,
    }
}

/// Where a metric that is known now ends up, and by how much it moves, both in base units. What is spent is out of the cash.
fn pushed(brief: &Brief, plan: &Plan, key: &str) -> Option<(f64, f64)> {
    let (metric, fact) = (registry::metric(key)?, brief.fact(key)?);
    let now = fact.value * metric.factor(&fact.unit, fact.period.as_deref(), &brief.currency)?;
    let effects = plan.effects.iter().filter(|effect| effect.metric == key);
    let mut change: f64 = effects.map(|effect| effect.low / 2.0 + effect.high / 2.0).sum();
    if key == "cash" {
        change -= middle(plan.cost);
    }
    (now.is_finite() && change.is_finite()).then_some((now + change, change))
}
