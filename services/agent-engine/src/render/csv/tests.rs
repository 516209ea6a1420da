//! Do spreadsheets and programs read what is meant?

use super::{super::sample, *};
use crate::domain::locale::Locale;

fn records(report: &Report) -> Vec<Vec<String>> {
    let bytes = csv(report).expect("rows");
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let rows = reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect());
    rows.collect()
}

#[test]
fn months_of_all_scenarios_are_rows() {
    let report = sample::deep(Locale::PtBr);
    let rows = records(&report);
    assert_eq!(rows[0], MONTHS);
    let count = |name: &str| rows.iter().filter(|row| row[0] == name).count();
    for name in ["base", "optimistic", "pessimistic", "unchanged"] {
        assert_eq!(count(name), 18, "{name}");
    }
    assert!(rows[1..].iter().all(|row| row.len() == 8 && row[2].parse::<f64>().is_ok()));
}

#[test]
fn without_scenarios_the_plan_is_rows_and_nothing_runs() {
    let mut report = sample::quick(Locale::En);
    report.scenarios = None;
    for (action, formula) in report.actions.iter_mut().zip(["=1+1", "\t=1+1", "@SUM(A1)", "＝1", "-1"]) {
        action.task = formula.to_owned();
        action.owner = format!(" \u{0}{formula}");
        action.cost = Some(f64::NAN);
    }
    let rows = records(&report);
    assert_eq!(rows[0], PLAN);
    assert_eq!(rows.len(), report.actions.len() + 1);
    assert!(rows.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '＝'])), "{rows:?}");
    assert_eq!(rows[1][11], "");
}

#[test]
fn cash_that_nobody_knows_is_empty() {
    let mut report = sample::deep(Locale::En);
    if let Some(scenarios) = &mut report.scenarios {
        scenarios.base.end_cash = None;
        scenarios.base.months[0].net = -0.0;
    }
    let rows = records(&report);
    assert_eq!((rows[1][6].as_str(), rows[1][7].as_str()), ("0.00", ""));
}
