//! Writing the configuration again whenever the settings change.

use crate::say;
use std::{path::Path, process::ExitCode, thread, time::Duration};

/// How often it is looked. Reading works where events do not: on network file systems, and through the links by which
/// Kubernetes replaces a ConfigMap.
const PERIOD: Duration = Duration::from_millis(500);

/// Never returns by itself. What cannot be written is said once, and what is there stays.
pub fn run(settings: &Path, write: impl Fn() -> anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    // Whoever starts this wants to know at once that it cannot work.
    let mut last = std::fs::read(settings).ok();
    write()?;
    say::error(&format!("written; watching {}", settings.display()));
    loop {
        thread::sleep(PERIOD);
        let now = std::fs::read(settings).ok();
        if now == last {
            continue;
        }
        match write() {
            Ok(()) => say::error("the settings have changed: written"),
            Err(error) => say::error(&format!("the settings have changed, and nothing was written: {error:#}")),
        }
        last = now;
    }
}
