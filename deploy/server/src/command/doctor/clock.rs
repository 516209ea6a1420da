//! Is the clock right? Tokens, ids and the ledger depend on it.

use super::Findings;
use host::Clock;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Seconds since 1970 before which this release did not exist.
const RELEASED: i64 = 1_767_225_600;

/// How far a file may seem to lie in the future.
const TOLERANCE: Duration = Duration::from_secs(60);

/// The clock against the age of this release and against the files that earlier runs have written.
pub fn check(clock: &Clock, data_dir: &Path, findings: &mut Findings) {
    let now = clock.now();
    if now.timestamp() < RELEASED {
        findings.fail("clock", format!("it says {now}, which is before this release was made: set it, or start NTP"));
        return;
    }
    match newest(data_dir) {
        Some(written) if written > SystemTime::from(now) + TOLERANCE => findings.fail(
            "clock",
            format!("it says {now}, but data was written later than that: the clock is behind, set it or start NTP"),
        ),
        _ => findings.ok("clock", now.format("%Y-%m-%d %H:%M:%S UTC").to_string()),
    }
}

/// When something in the directory was last written.
fn newest(dir: &Path) -> Option<SystemTime> {
    let entries = std::fs::read_dir(dir).ok()?;
    entries.filter_map(|entry| entry.ok()?.metadata().ok()?.modified().ok()).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(clock: &Clock, dir: &Path) -> Vec<String> {
        let mut findings = Findings::default();
        check(clock, dir, &mut findings);
        findings.problems()
    }

    #[test]
    fn a_clock_that_is_behind_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("identity.db"), "x").unwrap();
        let system = Clock::system();
        assert!(problems(&system, dir.path()).is_empty());
        let hour = (system.now() + Duration::from_secs(3600)) - system.now();
        let (behind, _) = Clock::manual(system.now() - hour);
        assert!(problems(&behind, dir.path())[0].contains("behind"));
        let (long_ago, _) = Clock::manual(Default::default());
        assert!(problems(&long_ago, dir.path())[0].contains("before this release"));
    }
}
