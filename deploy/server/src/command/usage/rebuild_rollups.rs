//! `perpetuo usage rebuild-rollups`: makes the roll-up tables what the ledger says.

use super::{open, records};
use crate::cli::records::Rebuild;
use crate::settings::Settings;
use host::Clock;
use std::process::ExitCode;
use usage_metering::offline;

/// Prints every sum that was wrong. A dry run fails if there is one.
pub async fn run(settings: &Settings, flags: &Rebuild) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let scope = records::scope(&flags.records, now)?;
    let db = open(settings).await?;
    records::folded(&db, settings).await?;
    let minutes_from = offline::minutes_from(now);
    let differences = if flags.dry_run {
        offline::compare_rollups(&db, &scope, minutes_from).await?
    } else {
        offline::rebuild_rollups(&db, &scope, minutes_from).await?
    };
    db.close().await;
    let told = records::tell(&differences, flags.records.json, "Every sum was right.");
    Ok(if flags.dry_run { told } else { ExitCode::SUCCESS })
}
