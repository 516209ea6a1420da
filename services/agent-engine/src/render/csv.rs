//! How is a report read by a spreadsheet?
//!
//! The months of all scenarios, or else the plan. Written as usage-metering writes its exports: CRLF, quotes where they
//! are needed, and an apostrophe before a text that a spreadsheet would take for a formula, as OWASP advises ("CSV
//! Injection"). Numbers and days are written by us; names of columns and scenarios are for programs.

use super::{RenderError, text};
use crate::domain::{
    finance::{Scenario, Scenarios},
    opinion::Priority,
    report::{Action, Report},
};

const MONTHS: [&str; 8] =
    ["scenario", "month", "revenue", "variable_costs", "fixed_costs", "investment", "net", "cash"];
const PLAN: [&str; 13] = [
    "id",
    "task",
    "owner",
    "priority",
    "start_day",
    "due_day",
    "start_date",
    "due_date",
    "kpi",
    "baseline",
    "target",
    "cost",
    "depends_on",
];

/// The rows of a report.
pub(super) fn csv(report: &Report) -> Result<Vec<u8>, RenderError> {
    let failed = |error: csv::Error| RenderError::Csv(error.to_string());
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(vec![]);
    match &report.scenarios {
        Some(scenarios) => {
            writer.write_record(MONTHS).map_err(failed)?;
            for row in months(scenarios) {
                writer.write_record(row).map_err(failed)?;
            }
        }
        None => {
            writer.write_record(PLAN).map_err(failed)?;
            for action in &report.actions {
                writer.write_record(of_action(action)).map_err(failed)?;
            }
        }
    }
    writer.into_inner().map_err(|error| RenderError::Csv(error.to_string()))
}

fn months(scenarios: &Scenarios) -> impl Iterator<Item = [String; 8]> {
    let all = [
        ("base", Some(&scenarios.base)),
        ("optimistic", scenarios.optimistic.as_ref()),
        ("pessimistic", scenarios.pessimistic.as_ref()),
        ("unchanged", Some(&scenarios.unchanged)),
    ];
    all.into_iter()
        .filter_map(|(name, scenario)| Some((name, scenario?)))
        .flat_map(|(name, scenario)| of(name, scenario))
}

fn of(name: &'static str, scenario: &Scenario) -> impl Iterator<Item = [String; 8]> {
    let has_cash = scenario.end_cash.is_some();
    scenario.months.iter().map(move |month| {
        let flows = [month.revenue, month.variable_costs, month.fixed_costs, month.investment, month.net];
        let [revenue, variable, fixed, investment, net] = flows.map(amount);
        let cash = if has_cash { amount(month.cash) } else { String::new() };
        [name.to_owned(), month.month.to_string(), revenue, variable, fixed, investment, net, cash]
    })
}

fn of_action(action: &Action) -> [String; 13] {
    let maybe =
        |value: Option<f64>| value.filter(|value| value.is_finite()).map_or_else(String::new, |v| v.to_string());
    let priority = match action.priority {
        Priority::Must => "must",
        Priority::Should => "should",
        Priority::Could => "could",
        Priority::Wont => "wont",
    };
    [
        safe(&action.id),
        safe(&action.task),
        safe(&action.owner),
        priority.to_owned(),
        action.start_day.to_string(),
        action.due_day.to_string(),
        safe(&action.start_date),
        safe(&action.due_date),
        safe(action.kpi.as_deref().unwrap_or_default()),
        maybe(action.baseline),
        maybe(action.target),
        action.cost.map_or_else(String::new, amount),
        safe(&action.depends_on.join(" ")),
    ]
}

/// Two digits after the point; nothing of what is no number.
fn amount(value: f64) -> String {
    let text = if value.is_finite() { format!("{value:.2}") } else { String::new() };
    if text == "-0.00" { "0.00".to_owned() } else { text }
}

/// Text that somebody wrote.
fn safe(written: &str) -> String {
    let text = text::clean(written);
    let is_formula = text.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']);
    if is_formula { format!("'{text}") } else { text }
}

#[cfg(test)]
mod tests;
