//! `perpetuo`: every part of Perpetuo, in one process or in many.

mod certificates;
mod cli;
mod command;
mod keys;
mod lifecycle;
mod lock;
mod peering;
mod ports;
mod readyz;
mod reload;
mod roles;
mod say;
mod settings;
mod tables;
mod wire;

use clap::Parser as _;
use std::process::ExitCode;

/// Hands freed memory back under load, where the system's allocator keeps growing.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // First: whoever builds a TLS configuration before this picks a provider by itself, or panics.
    let provider = rustls::crypto::aws_lc_rs::default_provider().install_default();
    debug_assert!(provider.is_ok(), "nothing runs before main");
    // Without the fault points, which only the builds for tests have, the environment is not even looked at.
    let _fault_points = fail::has_failpoints().then(fail::FailScenario::setup);
    match command::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            say::error(&format!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
