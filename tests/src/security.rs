//! The tables of `tests/security`: which requirement holds, and which test shows it. `architecture` holds them against the
//! sources, `cited` against the programs that were built.

pub mod citation;
pub mod listed;
pub mod table;

use std::path::{Path, PathBuf};

/// The folder of the whole project.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
