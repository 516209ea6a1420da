//! `perpetuo config`

use crate::cli::Source;
use crate::reload::is_reloadable;
use crate::say;
use std::process::ExitCode;

/// Prints every setting in force, with its source, and which of them SIGHUP takes over. Secrets stay hidden.
pub fn run(source: &Source) -> anyhow::Result<ExitCode> {
    let (settings, layers) = source.load(None)?;
    let lines = layers.explain(&settings);
    let widest = |of: fn(&host::config::Setting) -> usize| lines.iter().map(of).max().unwrap_or_default().min(48);
    let (path, value) = (widest(|line| line.path.len()), widest(|line| line.value.len()));
    for line in &lines {
        let reloaded = if is_reloadable(&line.path) { "; SIGHUP" } else { "" };
        say::line(&format!("{:<path$}  {:<value$}  # {}{reloaded}", line.path, line.value, line.source));
    }
    Ok(ExitCode::SUCCESS)
}
