//! Where do the rows come from?

mod logs;
mod usage;

use super::{ExportRow, Kind, encode::Encoder};
use crate::{Error, read::Period};
use proto::id::WorkspaceId;
use store::{Db, WorkspaceTx};
use uuid::Uuid;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Reads the rows of an export page by page: what is in memory does not depend on how many there are.
pub(super) struct Source {
    workspace: WorkspaceId,
    kind: Kind,
    period: Period,
    after: After,
}

/// The row that was read last.
struct After {
    request: Uuid,
    attempt: i64,
    correction: i64,
}

impl Source {
    pub fn new(row: &ExportRow, kind: Kind) -> Self {
        let period = Period { from: row.period_from, to: row.period_to };
        // Below the least id of the period: both kinds read what is greater.
        let after = After { request: period.least_id(), attempt: -1, correction: 0 };
        Self { workspace: row.workspace_id, kind, period, after }
    }

    pub const fn columns(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Usage => usage::COLUMNS,
            Kind::Logs => logs::COLUMNS,
        }
    }

    /// Writes the next page, and says how many rows it had; none at the end. Errors: the database failed.
    pub async fn page(&mut self, db: &Db, encoder: &mut Encoder) -> Result<usize, Error> {
        let mut tx = WorkspaceTx::read(db, self.workspace).await?;
        match self.kind {
            Kind::Usage => usage::page(&mut tx, self, encoder).await,
            Kind::Logs => logs::page(&mut tx, self, encoder).await,
        }
    }
}
