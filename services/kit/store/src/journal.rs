//! An append-only file of records that outlive a killed process: what was promised, before it is in a database.
//!
//! Files `<dir>/<first sequence>.journal`; a record is `length, checksum, sequence, payload`. What the payload means is
//! its owner's business. At start a torn end is cut (nobody was told of it); damage before the end is an [`Error`].

mod append;
mod held;
mod record;
mod recover;
mod segment;
#[cfg(test)]
mod tests;

pub use append::{Journal, Keep};
pub use held::{Held, hold};
pub use record::MAX_PAYLOAD;
pub use recover::{Recovered, last, recover};

use std::{io, path::PathBuf};

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused.
    #[error("the journal cannot be used: {0}")]
    Io(#[from] io::Error),
    /// A record that cannot be read, with others after it.
    #[error("the journal {} is damaged at byte {at}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where in it.
        at: usize,
    },
    /// Records between what was taken over and the first one that is there are missing.
    #[error("the journal in {} begins with record {next}, and {last} is the last one known", .dir.display())]
    Gap {
        /// The folder.
        dir: PathBuf,
        /// The last sequence that was taken over.
        last: u64,
        /// The first sequence that is there.
        next: u64,
    },
    /// A record that is longer than [`MAX_PAYLOAD`].
    #[error("a record of {0} bytes is too long for the journal")]
    TooLong(usize),
}
