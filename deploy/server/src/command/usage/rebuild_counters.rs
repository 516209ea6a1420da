//! `perpetuo usage rebuild-counters`: makes the daily counters in Redis what the ledger says.

use super::{open, records};
use crate::cli::records::Rebuild;
use crate::settings::Settings;
use host::Clock;
use std::process::ExitCode;
use usage_metering::offline;

/// Prints every counter that was wrong. A dry run fails if there is one.
pub async fn run(settings: &Settings, flags: &Rebuild) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let (scope, redis) = (records::scope(&flags.records, now)?, records::redis(settings)?);
    let db = open(settings).await?;
    records::folded(&db, settings).await?;
    let differences = if flags.dry_run {
        offline::compare_counters(&db, redis, &scope, now).await?
    } else {
        offline::rebuild_counters(&db, redis, &scope, now).await?
    };
    db.close().await;
    let told = records::tell(&differences, flags.records.json, "Every counter was right.");
    Ok(if flags.dry_run { told } else { ExitCode::SUCCESS })
}
