//! `perpetuo usage reconcile`: do ledger, roll-ups, daily counters and a provider's own figures agree?

use super::{open, records};
use crate::cli::records::Reconcile;
use crate::settings::Settings;
use anyhow::Context as _;
use host::Clock;
use std::process::ExitCode;
use usage_metering::offline;

/// Prints every difference; fails if there is one.
pub async fn run(settings: &Settings, flags: &Reconcile) -> anyhow::Result<ExitCode> {
    let now = Clock::system().now();
    let scope = records::scope(&flags.records, now)?;
    let export = flags
        .provider_export
        .as_ref()
        .map(|file| std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display())));
    let export = export.transpose()?;
    let db = open(settings).await?;
    records::folded(&db, settings).await?;
    let mut differences = offline::compare_rollups(&db, &scope, offline::minutes_from(now)).await?;
    if let Some(redis) = &settings.redis.url {
        differences.extend(offline::compare_counters(&db, redis, &scope, now).await?);
    }
    if let Some(export) = &export {
        differences.extend(offline::compare_provider(&db, export, &scope).await?);
    }
    db.close().await;
    Ok(records::tell(&differences, flags.records.json, "No differences."))
}
