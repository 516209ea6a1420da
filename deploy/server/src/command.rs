//! One file per command.

mod admin;
mod audit;
mod backup;
mod billing;
mod completions;
mod config;
mod copy;
mod doctor;
mod envoy_config;
mod keys;
mod migrate;
mod openapi;
mod probe;
mod restore;
mod serve;
mod usage;

use crate::cli::{Cli, Command};
use anyhow::Context as _;
use std::process::ExitCode;

/// Does what the command line says.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let source = &cli.source;
    match cli.command {
        Command::Serve(flags) => runtime()?.block_on(serve::run(source, flags)),
        Command::Migrate { wait } => runtime()?.block_on(migrate::run(source, wait)),
        Command::Probe => runtime()?.block_on(probe::run(source)),
        Command::Config => config::run(source),
        Command::Doctor(select) => runtime()?.block_on(doctor::run(source, &select.roles)),
        Command::Openapi => openapi::run(),
        Command::EnvoyConfig(flags) => envoy_config::run(source, &flags),
        Command::Usage(what) => runtime()?.block_on(usage::run(source, what)),
        Command::Billing(what) => runtime()?.block_on(billing::run(source, what)),
        Command::Admin(what) => runtime()?.block_on(admin::run(source, what)),
        Command::Audit(what) => audit::run(source, what),
        Command::Backup(flags) => runtime()?.block_on(backup::run(source, &flags)),
        Command::Restore(flags) => runtime()?.block_on(restore::run(source, &flags)),
        Command::Copy(flags) => runtime()?.block_on(copy::run(source, &flags)),
        Command::Keys(what) => runtime()?.block_on(keys::run(source, &what)),
        Command::Completions { shell } => completions::run(shell),
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build().context("the system gives no threads: raise its limits (ulimit -u)")
}
