//! The flags of `perpetuo audit`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// What to do about audit trails.
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that an exported trail is whole and unchanged; needs nothing but the file
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(Verify),
    /// Print the key that exports of this installation are verified with; it comes with the master key
    Key,
}

/// What to check, and against what.
#[derive(Args, Debug)]
pub struct Verify {
    /// The export, made without a filter: GET /workspaces/{id}/audit/export?format=jsonl
    pub file: PathBuf,
    /// The key that `perpetuo audit key` prints. Without it the key in the file counts, and a file that somebody has made up
    /// as a whole passes
    #[arg(long, value_name = "HEX")]
    pub public_key: Option<String>,
    /// An earlier export of the same workspace. Without it a trail whose end was cut off before it was exported passes
    #[arg(long, value_name = "FILE")]
    pub after: Option<PathBuf>,
    /// The key of that earlier export, if the master key was replaced since
    #[arg(long, value_name = "HEX", requires = "after")]
    pub earlier_key: Option<String>,
}

const VERIFY_EXAMPLES: &str = "\
Examples:
  perpetuo audit key > audit.key                            once, on the installation; keep it elsewhere
  curl -H \"Authorization: Bearer $TOKEN\" \\
    'http://127.0.0.1:8080/workspaces/ws_…/audit/export?format=jsonl' > june.jsonl
  perpetuo audit verify june.jsonl --public-key $(cat audit.key) --after may.jsonl";
