//! `perpetuo usage summary`: how much did all workspaces use?

use super::open;
use crate::cli::{Summary, SummaryBy};
use crate::say;
use crate::settings::Settings;
use host::Clock;
use proto::time::{from_proto, to_proto};
use proto::usage::{SummarizeUsageRequest, SummarizeUsageResponse, SummaryCost, SummaryDimension, SummaryGroup};
use serde_json::{Value, json};
use std::process::ExitCode;

/// Prints a line for each workspace, plan, provider or day.
pub async fn run(settings: &Settings, flags: &Summary) -> anyhow::Result<ExitCode> {
    let db = open(settings).await?;
    let by = match flags.by {
        SummaryBy::Workspace => SummaryDimension::Workspace,
        SummaryBy::Plan => SummaryDimension::Plan,
        SummaryBy::Provider => SummaryDimension::Provider,
        SummaryBy::Day => SummaryDimension::Day,
    };
    let request = SummarizeUsageRequest { from: flags.from.map(to_proto), to: flags.to.map(to_proto), by: by.into() };
    let answer = usage_metering::summarize(&db, &request, Clock::system().now()).await?;
    db.close().await;
    if flags.json {
        say::line(&format!("{:#}", json(&answer)));
    } else {
        lines(&answer).iter().for_each(|line| say::line(line));
    }
    Ok(ExitCode::SUCCESS)
}

fn json(answer: &SummarizeUsageResponse) -> Value {
    let group = |group: &SummaryGroup| {
        let sums = group.sums.clone().unwrap_or_default();
        let cost = |cost: &SummaryCost| {
            json!({
                "currency": cost.currency, "cost_micros": cost.cost_micros, "list_cost_micros": cost.list_cost_micros,
            })
        };
        json!({
            "value": group.value, "requests": sums.requests, "attempts": sums.attempts,
            "failed_requests": sums.failed_attempts, "unpriced_requests": sums.unpriced_attempts,
            "input_tokens": sums.input_tokens, "output_tokens": sums.output_tokens,
            "costs": group.costs.iter().map(cost).collect::<Vec<_>>(),
        })
    };
    json!({
        "data": answer.groups.iter().map(group).collect::<Vec<_>>(),
        "period": { "from": answer.from.and_then(from_proto), "to": answer.to.and_then(from_proto) },
    })
}

fn lines(answer: &SummarizeUsageResponse) -> Vec<String> {
    let period = [answer.from, answer.to].map(|at| at.and_then(from_proto).unwrap_or_default());
    let mut lines = vec![
        format!("From {} until {}", period[0], period[1]),
        format!(
            "{:<32} {:>10} {:>9} {:>9} {:>14} {:>14}  cost",
            "", "requests", "failed", "unpriced", "input", "output"
        ),
    ];
    for group in &answer.groups {
        let sums = group.sums.clone().unwrap_or_default();
        let value = if group.value.is_empty() { "(none)" } else { &group.value };
        lines.push(format!(
            "{value:<32} {:>10} {:>9} {:>9} {:>14} {:>14}  {}",
            sums.requests,
            sums.failed_attempts,
            sums.unpriced_attempts,
            sums.input_tokens,
            sums.output_tokens,
            costs(&group.costs)
        ));
    }
    if answer.groups.is_empty() {
        lines.push("Nothing was used.".to_owned());
    }
    lines
}

/// `1.500000 USD (1.250000 by the list), 3.000000 BRL`
fn costs(costs: &[SummaryCost]) -> String {
    let cost = |cost: &SummaryCost| {
        let own = format!("{} {}", amount(cost.cost_micros), cost.currency);
        if cost.list_cost_micros == cost.cost_micros {
            own
        } else {
            format!("{own} ({} by the list)", amount(cost.list_cost_micros))
        }
    };
    if costs.is_empty() { "-".to_owned() } else { costs.iter().map(cost).collect::<Vec<_>>().join(", ") }
}

fn amount(micros: i64) -> String {
    let (sign, micros) = (if micros < 0 { "-" } else { "" }, micros.unsigned_abs());
    format!("{sign}{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_shown_to_the_millionth() {
        assert_eq!(
            (amount(1_500_000), amount(-42), amount(0)),
            ("1.500000".into(), "-0.000042".into(), "0.000000".into())
        );
        let cost = |own, list| SummaryCost { currency: "USD".into(), cost_micros: own, list_cost_micros: list };
        assert_eq!(costs(&[cost(3_000_000, 2_500_000)]), "3.000000 USD (2.500000 by the list)");
        assert_eq!((costs(&[cost(1, 1)]).as_str(), costs(&[]).as_str()), ("0.000001 USD", "-"));
    }
}
