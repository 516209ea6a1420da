//! Ledger and a provider's own figures: what differs?
//!
//! Read are OpenAI's usage export, as JSON (pages of `/v1/organization/usage/completions` with buckets of a day, grouped by model)
//! or CSV, and any CSV with the columns `provider,model,day,input_tokens,output_tokens,requests` and `cost` if it is known.

use super::{Difference, Scope, counters::day_of};
use crate::Error;
use chrono::{DateTime, NaiveDate};
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};
use store::Db;

/// Who is meant where an export does not say.
const OPENAI: &str = "openai";

/// By provider, model and day.
type Key = (String, String, NaiveDate);

/// What a side says of one model on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    requests: i64,
    input_tokens: i64,
    output_tokens: i64,
    /// In nano-units. None: it does not say.
    cost_nanos: Option<i64>,
}

/// A row of a CSV, in our words or in OpenAI's.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    provider: Option<String>,
    model: String,
    #[serde(alias = "start_time_iso", alias = "date")]
    day: String,
    input_tokens: i64,
    output_tokens: i64,
    #[serde(alias = "num_model_requests")]
    requests: i64,
    #[serde(default)]
    cost: Option<String>,
}

/// Every figure of an export that is not what the ledger says: per provider (by name or kind), model and day of UTC,
/// input with all that was cached, output, calls that the provider worked for, and cost by the list if it is there.
/// Only days in scope that the export speaks of. Errors: the export cannot be read; the database cannot be used.
pub async fn compare_provider(db: &Db, export: &str, scope: &Scope) -> Result<Vec<Difference>, Error> {
    let mut theirs = read(export)?;
    theirs.retain(|(_, _, day), _| scope.first <= *day && *day <= scope.last);
    let mut sides: BTreeMap<Key, [Figures; 2]> = BTreeMap::new();
    for (key, figures) in &theirs {
        sides.entry(key.clone()).or_default()[1] = *figures;
    }
    let mut days: Vec<_> = theirs.keys().map(|(_, _, day)| *day).collect();
    days.sort_unstable();
    days.dedup();
    for workspace in scope.workspaces(db).await? {
        for &day in &days {
            for row in day_of(db, workspace, day).await? {
                // By the name that the workspace gave, otherwise by kind.
                let named = |name: &String| theirs.keys().any(|(provider, _, on)| provider == name && *on == day);
                let Some(provider) = [&row.provider, &row.provider_kind].into_iter().find(|name| named(name)) else {
                    continue;
                };
                let ours = &mut sides.entry((provider.clone(), row.model.clone(), day)).or_default()[0];
                ours.requests += row.calls;
                ours.input_tokens += row.input_tokens;
                ours.output_tokens += row.output_tokens;
                ours.cost_nanos = Some(ours.cost_nanos.unwrap_or(0) + row.list_cost_nanos);
            }
        }
    }
    Ok(sides.iter().flat_map(|(key, [ours, theirs])| told(key, ours, theirs)).collect())
}

fn told((provider, model, day): &Key, ours: &Figures, theirs: &Figures) -> Vec<Difference> {
    let mut pairs = vec![
        ("requests", ours.requests, theirs.requests),
        ("input_tokens", ours.input_tokens, theirs.input_tokens),
        ("output_tokens", ours.output_tokens, theirs.output_tokens),
    ];
    pairs.extend(theirs.cost_nanos.map(|cost| ("cost_nanos", ours.cost_nanos.unwrap_or(0), cost)));
    let different = pairs.into_iter().filter(|(_, ledger, found)| ledger != found);
    let difference = |(figure, ledger, found): (&str, i64, i64)| Difference {
        with: "provider",
        workspace: String::new(),
        of: format!("{day} {provider}/{model}"),
        figure: figure.to_owned(),
        ledger,
        found,
    };
    different.map(difference).collect()
}

fn read(export: &str) -> Result<HashMap<Key, Figures>, Error> {
    let mut found: HashMap<Key, Figures> = HashMap::new();
    let mut add = |provider: String, model: String, day: NaiveDate, figures: Figures| {
        let sum = found.entry((provider, model, day)).or_default();
        sum.requests += figures.requests;
        sum.input_tokens += figures.input_tokens;
        sum.output_tokens += figures.output_tokens;
        if let Some(cost) = figures.cost_nanos {
            sum.cost_nanos = Some(sum.cost_nanos.unwrap_or(0) + cost);
        }
    };
    if export.trim_start().starts_with(['{', '[']) {
        let json: Value = serde_json::from_str(export).map_err(|error| Error::Export(error.to_string()))?;
        let pages = json.as_array().cloned().unwrap_or_else(|| vec![json]);
        for bucket in pages.iter().flat_map(|page| page["data"].as_array().into_iter().flatten()) {
            let start = bucket["start_time"].as_i64().and_then(|at| DateTime::from_timestamp(at, 0));
            let day = start.ok_or_else(|| Error::Export("a bucket has no start_time".to_owned()))?.date_naive();
            for result in bucket["results"].as_array().into_iter().flatten() {
                let model = result["model"].as_str();
                let model =
                    model.ok_or_else(|| Error::Export("a result names no model: group it by model".to_owned()))?;
                let number = |name: &str| result[name].as_i64().unwrap_or(0);
                let figures = Figures {
                    requests: number("num_model_requests"),
                    input_tokens: number("input_tokens"),
                    output_tokens: number("output_tokens"),
                    cost_nanos: None,
                };
                add(OPENAI.to_owned(), model.to_owned(), day, figures);
            }
        }
        return Ok(found);
    }
    let mut lines = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(export.as_bytes());
    for (n, line) in lines.deserialize().enumerate() {
        let problem = |what: String| Error::Export(format!("line {}: {what}", n + 2));
        let Line { provider, model, day, input_tokens, output_tokens, requests, cost } =
            line.map_err(|error: csv::Error| problem(error.to_string()))?;
        // Of a time only the date, which is UTC in both.
        let date = day.get(..10).and_then(|date| date.parse().ok());
        let date = date.ok_or_else(|| problem(format!("{day:?} does not begin with a date such as 2026-01-31")))?;
        let cost = cost
            .filter(|cost| !cost.is_empty())
            .map(|cost| nanos(&cost).ok_or_else(|| problem(format!("{cost:?} is not an amount such as 1.25"))));
        let figures = Figures { requests, input_tokens, output_tokens, cost_nanos: cost.transpose()? };
        add(provider.unwrap_or_else(|| OPENAI.to_owned()), model, date, figures);
    }
    Ok(found)
}

/// `1.25` in nano-units, exactly.
fn nanos(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 9 || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<9}").parse().ok()?;
    whole.checked_mul(1_000_000_000)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_without_rounding() {
        assert_eq!(nanos("1.25"), Some(1_250_000_000));
        assert_eq!((nanos("0.000000001"), nanos("7")), (Some(1), Some(7_000_000_000)));
        for wrong in ["", "-1", "1e3", "1.0000000001", "99999999999999"] {
            assert_eq!(nanos(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn the_forms_of_an_export_say_the_same() {
        let json = r#"{"object":"page","data":[{"object":"bucket","start_time":1763683200,"end_time":1763769600,"results":[
            {"object":"organization.usage.completions.result","model":"gpt-5","input_tokens":50,"input_cached_tokens":20,
             "output_tokens":7,"num_model_requests":1}]}]}"#;
        let theirs = "start_time,start_time_iso,num_model_requests,model,input_tokens,output_tokens\n\
            1763683200,2025-11-21T00:00:00+00:00,1,gpt-5,50,7\n";
        let plain = "provider,model,day,input_tokens,output_tokens,requests\nopenai,gpt-5,2025-11-21,50,7,1\n";
        let [json, theirs, plain] = [json, theirs, plain].map(|text| read(text).unwrap());
        assert_eq!((&json, json.len()), (&theirs, 1));
        assert_eq!(json, plain);
        let error = read("model,day,input_tokens\nx,tomorrow,1\n").unwrap_err().to_string();
        assert!(error.contains("output_tokens"), "{error}");
    }
}
