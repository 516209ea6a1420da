//! One settlement in the spool.

use super::Spool;
use std::sync::Arc;

/// A settlement that the spool keeps until it is paid. Dropping it leaves it owed: the next process sends it.
pub(crate) struct Debt {
    pub(super) spool: Arc<Spool>,
    /// Its record.
    pub(super) sequence: u64,
}

impl Debt {
    /// The ledger has it, or never will.
    pub(crate) fn paid(self) {
        self.spool.paid(self.sequence);
    }
}
