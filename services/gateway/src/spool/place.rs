//! Where does this process keep what it owes, and what have others left there?
//!
//! `<dir>/<n>/` belongs to the process that holds the lock in it. Several gateways on one machine can so share a folder,
//! and each that starts takes over what it finds without an owner.

use super::record;
use proto::usage::SettleRequest;
use std::{
    collections::{BTreeMap, HashSet},
    fs::{DirBuilder, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
};
use store::journal::{self, Recovered, recover};

/// More processes do not share a folder.
const MOST: usize = 64;

/// Why the spool cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpoolError {
    /// The folder cannot be used.
    #[error("the spool of settlements {} cannot be used: {source}; make it writable, or set gateway.spool_dir", .dir.display())]
    Folder {
        /// Which one.
        dir: PathBuf,
        /// What the operating system says.
        source: io::Error,
    },
    /// A file in it cannot be used.
    #[error(
        "the spool of settlements cannot be used: {0}; what cannot be read may be moved away, and the ledger then keeps \
         its own estimate of it"
    )]
    Journal(#[from] journal::Error),
    /// Another version wrote to it.
    #[error(
        "the spool of settlements {} holds a record that this version cannot read: start the version that wrote it \
         once, so that it is sent",
        .0.display()
    )]
    Version(PathBuf),
    /// Too many processes share it.
    #[error("{MOST} processes use the spool of settlements {}: set gateway.spool_dir to another folder", .0.display())]
    Crowded(PathBuf),
}

/// A place that no other process has, and what was found.
pub(super) struct Taken {
    /// The folder of this process.
    pub dir: PathBuf,
    /// Released by the system when the process ends, however it ends.
    pub lock: File,
    pub recovered: Recovered,
    /// What former processes owe, oldest first.
    pub owed: Vec<SettleRequest>,
    /// Places without a process, to be cleared once what they hold is written down here.
    pub others: Vec<(File, Recovered)>,
}

/// Takes the first free place in `dir`, and what all free ones hold.
pub(super) async fn take(dir: &Path) -> Result<Taken, SpoolError> {
    let unusable = |source| SpoolError::Folder { dir: dir.to_owned(), source };
    let mut taken: Option<Taken> = None;
    for place in (0..MOST).map(|n| dir.join(n.to_string())) {
        if taken.is_some() && !place.exists() {
            break;
        }
        let Some(lock) = lock(&place).map_err(unusable)? else { continue };
        let (owed, recovered) = read(&place).await?;
        match &mut taken {
            None => taken = Some(Taken { dir: place, lock, recovered, owed, others: vec![] }),
            Some(taken) => {
                taken.owed.extend(owed);
                taken.others.push((lock, recovered));
            }
        }
    }
    taken.ok_or_else(|| SpoolError::Crowded(dir.to_owned()))
}

/// None if another process has it.
fn lock(place: &Path) -> io::Result<Option<File>> {
    DirBuilder::new().recursive(true).mode(0o700).create(place)?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(place.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// What is owed, oldest first: of several records of one grant the last counts.
async fn read(place: &Path) -> Result<(Vec<SettleRequest>, Recovered), SpoolError> {
    let mut owed: BTreeMap<u64, SettleRequest> = BTreeMap::new();
    let recovered = recover(place, None, async |payloads: Vec<Vec<u8>>, last| {
        let first = last + 1 - payloads.len() as u64;
        for (sequence, payload) in (first..).zip(payloads) {
            let record = record::read(&payload).ok_or_else(|| SpoolError::Version(place.to_owned()))?;
            for paid in &record.paid {
                owed.remove(paid);
            }
            owed.extend(record.owed.map(|request| (sequence, request)));
        }
        Ok::<_, SpoolError>(())
    })
    .await?;
    let mut seen = HashSet::new();
    let mut last: Vec<SettleRequest> = owed.into_values().rev().filter(|r| seen.insert(r.grant_id.clone())).collect();
    last.reverse();
    Ok((last, recovered))
}
