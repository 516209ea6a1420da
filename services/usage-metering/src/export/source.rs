//! Where do the rows come from?

mod audit;
mod invoices;
mod logs;
mod usage;

use super::{ExportRow, Kind, encode::Encoder};
use crate::{Error, read::Period, service::Inner};
use proto::id::WorkspaceId;
use store::WorkspaceTx;
use uuid::Uuid;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Reads the rows of an export page by page: what is in memory does not depend on how many there are.
pub(super) struct Source {
    workspace: WorkspaceId,
    kind: Kind,
    period: Period,
    after: After,
    /// Once it was asked for.
    trail: Option<audit::Trail>,
    /// Where billing's list goes on; None at its end.
    invoices: Option<String>,
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
        Self { workspace: row.workspace_id, kind, period, after, trail: None, invoices: Some(String::new()) }
    }

    pub const fn columns(&self) -> &'static [&'static str] {
        match self.kind {
            Kind::Usage => usage::COLUMNS,
            Kind::Logs => logs::COLUMNS,
            Kind::Audit => audit::COLUMNS,
            Kind::Invoices => invoices::COLUMNS,
        }
    }

    /// Writes the next page, and says how many rows it had; none at the end. Errors: the database failed, or another service is away.
    pub async fn page(&mut self, inner: &Inner, encoder: &mut Encoder) -> Result<usize, Error> {
        let workspace = self.workspace;
        let read = || WorkspaceTx::read(&inner.db, workspace);
        match self.kind {
            Kind::Usage => usage::page(&mut read().await?, self, encoder).await,
            Kind::Logs => logs::page(&mut read().await?, self, encoder).await,
            Kind::Invoices => invoices::page(inner.billing().as_deref(), &inner.ids, self, encoder).await,
            Kind::Audit => audit::page(inner.exports.peers.as_ref(), &inner.ids, self, encoder).await,
        }
    }
}
