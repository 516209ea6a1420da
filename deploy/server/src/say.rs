//! Text for a person at a terminal. Everything else goes to the log.

use std::io::Write as _;

/// A line on standard output. A reader that has gone away is no reason to fail.
pub fn line(text: &str) {
    drop(writeln!(std::io::stdout().lock(), "{text}"));
}

/// A line on standard error.
pub fn error(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}
