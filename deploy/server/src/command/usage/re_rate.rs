//! `perpetuo usage re-rate`: what a period costs by the prices that hold now.

use super::{open, records};
use crate::cli::records::Rebuild;
use crate::say;
use crate::settings::Settings;
use chrono::{Days, NaiveTime};
use host::Clock;
use proto::money::Nanos;
use serde_json::json;
use std::process::ExitCode;
use usage_metering::offline::{self, ReRate, ReRated};

/// Writes what costs something else now as rows of its own, and prints by how much sums change.
pub async fn run(settings: &Settings, flags: &Rebuild) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let scope = records::scope(&flags.records, now)?;
    let db = open(settings).await?;
    records::folded(&db, settings).await?;
    let asked = ReRate {
        from: scope.first.and_time(NaiveTime::MIN).and_utc(),
        to: (scope.last + Days::new(1)).and_time(NaiveTime::MIN).and_utc(),
        workspace: scope.workspace,
        dry_run: flags.dry_run,
    };
    let done = offline::re_rate(&db, &settings.usage, now, asked).await?;
    db.close().await;
    tell(&done, flags);
    Ok(ExitCode::SUCCESS)
}

fn tell(done: &ReRated, flags: &Rebuild) {
    let ReRated { attempts, changed, rows, differences } = done;
    let by_currency = || differences.iter().map(|(currency, nanos)| (currency, Nanos(*nanos).to_string()));
    if flags.records.json {
        let differences: serde_json::Map<_, _> =
            by_currency().map(|(currency, amount)| (currency.clone(), amount.into())).collect();
        let all = json!({"attempts": attempts, "changed": changed, "rows": rows, "differences": differences});
        return say::line(&format!("{all:#}"));
    }
    let verb = if flags.dry_run { "would cost" } else { "cost" };
    say::line(&format!("{changed} of {attempts} attempts {verb} something else now"));
    by_currency().for_each(|(currency, amount)| say::line(&format!("{currency} {amount}")));
}
