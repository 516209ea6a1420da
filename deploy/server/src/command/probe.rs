//! `perpetuo probe`

use crate::cli::Source;
use crate::{readyz, say};
use std::process::ExitCode;

/// Asks the operations port, prints its report, and tells by the exit code whether the process is ready.
pub async fn run(source: &Source) -> anyhow::Result<ExitCode> {
    let (settings, _) = source.load(None)?;
    let address = settings.ops.listen;
    let Some(answer) = readyz::ask(address).await else {
        say::error(&format!("nobody answers at {address} (ops.listen)"));
        return Ok(ExitCode::FAILURE);
    };
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    say::line(body.trim_end());
    Ok(if head.starts_with("HTTP/1.1 200 ") { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
