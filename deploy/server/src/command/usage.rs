//! `perpetuo usage`

mod re_rate;
mod rebuild_counters;
mod rebuild_rollups;
mod reconcile;
mod records;
mod summary;

use crate::cli::{Source, Usage};
use crate::settings::Settings;
use crate::tables;
use std::process::ExitCode;
use store::Db;

/// Does what the command line says about usage.
pub async fn run(source: &Source, what: Usage) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    match what {
        Usage::Summary(flags) => summary::run(&settings, &flags).await,
        Usage::Reconcile(flags) => reconcile::run(&settings, &flags).await,
        Usage::RebuildCounters(flags) => rebuild_counters::run(&settings, &flags).await,
        Usage::RebuildRollups(flags) => rebuild_rollups::run(&settings, &flags).await,
        Usage::ReRate(flags) => re_rate::run(&settings, &flags).await,
    }
}

/// The tables of usage, as this release knows them.
async fn open(settings: &Settings) -> anyhow::Result<Db> {
    tables::up_to_date(settings, &usage_metering::SCHEMA).await
}
