//! `perpetuo completions`

use crate::cli::Cli;
use crate::say;
use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::{Shell, generate};
use std::process::ExitCode;

/// Prints a completion script.
pub fn run(shell: Shell) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(shell, &mut Cli::command(), "perpetuo", &mut script);
    say::line(std::str::from_utf8(&script).context("the completion script is no text")?.trim_end());
    Ok(ExitCode::SUCCESS)
}
