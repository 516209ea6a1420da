//! Is the problem one that can be worked on?

use crate::{
    Error,
    domain::{
        brief::{Brief, Constraint, ConstraintKind, Fact, Source},
        locale::Locale,
        registry,
    },
    read,
};
use proto::{Failure, Reason, engine as pb};

/// Units of facts.
const UNITS: &[&str] = &["money", "percent", "count", "months", "days", "ratio", "score"];
/// Periods of facts.
const PERIODS: &[&str] = &["day", "week", "month", "quarter", "year"];
/// No number of a company is larger.
const LARGEST: f64 = 1e15;

/// All that is wrong, field by field.
struct Problems(Failure);

impl Problems {
    fn add(&mut self, is_wrong: bool, field: impl Into<String>, problem: &str) {
        if is_wrong {
            let failure = std::mem::replace(&mut self.0, Reason::RefusedValue.with(""));
            self.0 = failure.field(field, problem);
        }
    }
}

/// The problem as the engine works on it. Errors: `REFUSED_VALUE` names every field that is wrong.
pub(super) fn brief(given: pb::Brief, locale: Locale) -> Result<Brief, Error> {
    let mut problems = Problems(Reason::RefusedValue.with("the problem cannot be worked on"));
    // PostgreSQL takes no NUL in texts, and nobody means one.
    let description = given.problem_description.replace('\0', " ");
    let description = description.trim();
    let length = description.chars().count();
    problems.add(!(1..=20_000).contains(&length), "problem_description", "must have 1 to 20000 characters");
    let business = given.business_type.trim();
    let length = business.chars().count();
    problems.add(!(1..=200).contains(&length), "business_type", "must have 1 to 200 characters");
    let horizon = if given.horizon_days == 0 { 180 } else { given.horizon_days };
    problems.add(!(30..=1_095).contains(&horizon), "horizon_days", "must be 30 to 1095");
    let is_currency = given.currency.len() == 3 && given.currency.bytes().all(|byte| byte.is_ascii_uppercase());
    problems.add(!is_currency, "currency", "must be a code of ISO 4217 such as BRL");
    problems.add(given.facts.len() > 60, "facts", "must be at most 60");
    problems.add(given.constraints.len() > 20, "constraints", "must be at most 20");
    let facts = facts(given.facts, Source::Given, ("facts", &given.currency), &mut problems);
    let constraints = constraints(given.constraints, &mut problems);
    if !problems.0.fields.is_empty() {
        return Err(Error::Refused(problems.0));
    }
    Ok(Brief {
        problem_description: description.to_owned(),
        business_type: business.to_owned(),
        facts,
        constraints,
        horizon_days: horizon.unsigned_abs(),
        currency: given.currency,
        locale,
        unknown: vec![],
    })
}

/// Facts that were answered. Errors: as [`brief`].
pub(super) fn answers(given: Vec<pb::Fact>, currency: &str) -> Result<Vec<Fact>, Error> {
    let mut problems = Problems(Reason::RefusedValue.with("the answers cannot be used"));
    problems.add(given.is_empty() || given.len() > 60, "answers", "must be 1 to 60");
    let facts = facts(given, Source::Answered, ("answers", currency), &mut problems);
    if problems.0.fields.is_empty() { Ok(facts) } else { Err(Error::Refused(problems.0)) }
}

fn facts(given: Vec<pb::Fact>, source: Source, (field, currency): (&str, &str), problems: &mut Problems) -> Vec<Fact> {
    let mut facts: Vec<Fact> = vec![];
    for (at, fact) in given.into_iter().enumerate() {
        let name = |part: &str| format!("{field}[{at}].{part}");
        let key = read::metric_key(&fact.key).filter(|_| is_name(&fact.key));
        problems.add(key.is_none(), name("key"), "must be a name of letters, digits and _, at most 60 long");
        let key = key.unwrap_or_default();
        problems.add(facts.iter().any(|other| other.key == key), name("key"), "is there twice");
        let is_number = fact.value.is_finite() && fact.value.abs() <= LARGEST;
        problems.add(!is_number, name("value"), "must be a number of at most 10^15");
        let known = registry::metric(&key);
        let (unit, factor) = in_unit(&fact.unit, known, currency).unwrap_or_default();
        let is_unit = !unit.is_empty();
        problems.add(
            !is_unit,
            name("unit"),
            "must be money, percent, count, months, days, ratio or score, or convertible",
        );
        let period = if fact.period.is_empty() { known.and_then(|m| m.period.clone()) } else { Some(fact.period) };
        let is_period = period.as_deref().is_none_or(|period| PERIODS.contains(&period));
        problems.add(!is_period, name("period"), "must be day, week, month, quarter or year");
        facts.push(Fact { key, value: fact.value * factor, unit, period, source, quote: None });
    }
    facts
}

/// The unit that a fact is kept in, and what its value is multiplied with. None: nobody can convert it.
fn in_unit(given: &str, known: Option<&registry::Metric>, currency: &str) -> Option<(String, f64)> {
    if given.trim().is_empty() {
        return Some((known.map_or("count", |metric| metric.unit.as_str()).to_owned(), 1.0));
    }
    let unit = read::unit(given)?;
    match known {
        Some(metric) => Some((metric.unit.clone(), metric.factor(&unit, None, currency)?)),
        None if unit == currency => Some(("money".to_owned(), 1.0)),
        None => UNITS.contains(&unit.as_str()).then_some((unit, 1.0)),
    }
}

fn constraints(given: Vec<pb::Constraint>, problems: &mut Problems) -> Vec<Constraint> {
    let mut constraints = vec![];
    for (at, constraint) in given.into_iter().enumerate() {
        let name = |part: &str| format!("constraints[{at}].{part}");
        let kind = match constraint.kind.as_str() {
            "budget_cap" => ConstraintKind::BudgetCap,
            "deadline" => ConstraintKind::Deadline,
            "metric_min" => ConstraintKind::MetricMin,
            "metric_max" => ConstraintKind::MetricMax,
            "forbidden" => ConstraintKind::Forbidden,
            _ => {
                problems.add(true, name("kind"), "must be budget_cap, deadline, metric_min, metric_max or forbidden");
                continue;
            }
        };
        let needs_key =
            matches!(kind, ConstraintKind::MetricMin | ConstraintKind::MetricMax | ConstraintKind::Forbidden);
        problems.add(needs_key && constraint.key.is_empty(), name("key"), "is required");
        let is_number = constraint.value.is_some_and(|value| value.is_finite() && value.abs() <= LARGEST);
        problems.add(kind != ConstraintKind::Forbidden && !is_number, name("value"), "must be a number");
        let is_negative = constraint.value.is_some_and(|value| value < 0.0);
        let is_amount = matches!(kind, ConstraintKind::BudgetCap | ConstraintKind::Deadline);
        problems.add(is_amount && is_negative, name("value"), "must not be below 0");
        problems.add(constraint.text.chars().count() > 500, name("text"), "must have at most 500 characters");
        let key = (!constraint.key.is_empty()).then_some(constraint.key);
        constraints.push(Constraint { kind, key, value: constraint.value, text: constraint.text });
    }
    constraints
}

/// What can be a name: `churn`, `Ticket médio`, `x_mood`.
fn is_name(key: &str) -> bool {
    (1..=60).contains(&key.chars().count()) && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
}
