//! `perpetuo openapi`

use crate::say;
use std::process::ExitCode;

/// Prints the description that a running edge serves at `/openapi.json`.
pub fn run() -> anyhow::Result<ExitCode> {
    say::line(&edge::openapi());
    Ok(ExitCode::SUCCESS)
}
