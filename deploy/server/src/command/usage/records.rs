//! What the commands that look after records have in common: which, whether they can be, and how differences are told.

use crate::cli::records::Records;
use crate::roles::Roles;
use crate::say;
use crate::settings::Settings;
use anyhow::{Context as _, bail};
use chrono::{DateTime, Datelike as _, Utc};
use host::config::Secret;
use serde_json::json;
use std::process::ExitCode;
use std::time::Duration;
use store::Db;
use usage_metering::offline::{self, Difference, Scope};

/// How long a running server may take to fold its journal.
const FOLDS: Duration = Duration::from_secs(5);

/// The days that the flags mean. Errors: they end before they begin.
pub fn scope(records: &Records, now: DateTime<Utc>) -> anyhow::Result<Scope> {
    let last = records.to.unwrap_or_else(|| now.date_naive());
    let first = records.from.unwrap_or_else(|| last.with_day(1).unwrap_or(last));
    if first > last {
        bail!("--from is {first} and --to is {last}: nothing lies between them");
    }
    Ok(Scope { first, last, workspace: records.workspace })
}

/// Waits until the tables have what the journal holds. Errors: they do not get it, since no server runs.
pub async fn folded(db: &Db, settings: &Settings) -> anyhow::Result<()> {
    if !settings.is_embedded(&Roles::default()) {
        return Ok(());
    }
    let began = tokio::time::Instant::now();
    loop {
        let records = offline::unfolded(db, &settings.data_dir).await.context("the usage journal cannot be read")?;
        if records == 0 {
            return Ok(());
        }
        // Under load there is always one on its way: what counts is whether somebody takes them over.
        if crate::lock::is_held(&settings.data_dir) && began.elapsed() > FOLDS {
            return Ok(());
        }
        if !crate::lock::is_held(&settings.data_dir) {
            bail!(
                "the usage journal holds {records} records that are not in the tables yet: start perpetuo once, which \
                 takes them over, and try again"
            );
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// Where the daily counters are. Errors: they are nowhere.
pub fn redis(settings: &Settings) -> anyhow::Result<&Secret> {
    settings.redis.url.as_ref().context("without redis.url there are no daily counters: set it, or REDIS_URL")
}

/// Prints differences, and says whether there were any.
pub fn tell(differences: &[Difference], json: bool, none: &str) -> ExitCode {
    if json {
        say::line(&format!("{:#}", json!({ "differences": differences })));
    } else if differences.is_empty() {
        say::line(none);
    } else {
        table(differences).iter().for_each(|line| say::line(line));
    }
    if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn table(differences: &[Difference]) -> Vec<String> {
    let wide = |text: fn(&Difference) -> &str| differences.iter().map(|d| text(d).len()).max().unwrap_or(0);
    let (workspace, of, figure) = (wide(|d| &d.workspace), wide(|d| &d.of).max(2), wide(|d| &d.figure).max(6));
    let line = |with: &str, own: &str, what: &str, name: &str, ledger: &str, found: &str| {
        format!("{with:<8}  {own:<workspace$}  {what:<of$}  {name:<figure$}  {ledger:>16}  {found:>16}")
    };
    let mut lines = vec![line("with", "", "of", "figure", "ledger", "found")];
    lines.extend(
        differences
            .iter()
            .map(|d| line(d.with, &d.workspace, &d.of, &d.figure, &d.ledger.to_string(), &d.found.to_string())),
    );
    lines.push(format!("{} differences", differences.len()));
    lines
}
