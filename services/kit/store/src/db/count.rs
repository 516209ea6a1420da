//! What do operators see of a database?

use super::{Db, Pools};
use crate::{Error, trace};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// The connections of one service's pool, or pools.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// Open, and nobody uses them.
    pub idle: u32,
    /// In use.
    pub in_use: u32,
    /// As many as there may be.
    pub max: u32,
}

/// Failures since the process began, by [`Error::kind`].
#[derive(Debug, Default)]
pub(super) struct Failures([AtomicU64; Error::KINDS.len()]);

impl Db {
    /// How the pools are used now. Takes no lock and asks nobody.
    pub fn connections(&self) -> Connections {
        let pools = match &self.0.pools {
            Pools::Postgres { pool, .. } => vec![(pool.size(), pool.num_idle(), pool.options().get_max_connections())],
            Pools::Sqlite { writer, reader, .. } => [writer, reader]
                .map(|pool| (pool.size(), pool.num_idle(), pool.options().get_max_connections()))
                .to_vec(),
        };
        let mut sum = Connections { idle: 0, in_use: 0, max: 0 };
        for (size, idle, max) in pools {
            // The two are read one after the other: in between one may have been opened.
            let idle = u32::try_from(idle).unwrap_or(size).min(size);
            sum.idle += idle;
            sum.in_use += size - idle;
            sum.max += max;
        }
        sum
    }

    /// Statements and transactions that have failed since the process began, by [`Error::kind`].
    pub fn failures(&self) -> impl Iterator<Item = (&'static str, u64)> {
        Error::KINDS.iter().zip(&self.0.failures.0).map(|(kind, count)| (*kind, count.load(Relaxed)))
    }

    /// Counts a failure.
    pub(super) fn counted(&self, error: Error) -> Error {
        let kind = error.kind();
        if let Some(at) = Error::KINDS.iter().position(|known| *known == kind) {
            self.0.failures.0[at].fetch_add(1, Relaxed);
        }
        trace::failed(kind);
        error
    }
}
