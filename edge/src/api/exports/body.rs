//! What an export looks like.

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::usage::{CreateExportRequest, Export};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file of usage or logs.
#[derive(Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportBody {
    /// `exp_…`
    pub(super) id: String,
    /// `usage` or `logs`
    kind: String,
    /// `csv` or `json`
    format: String,
    /// `queued`, `running`, `done`, `failed` or `expired`.
    status: String,
    /// When the requests in it arrived.
    from: DateTime<Utc>,
    /// Exclusive.
    to: DateTime<Utc>,
    /// Who asked for it: `usr_…`, `key_…` or `sched_…`.
    created_by: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// When its file is removed. Null while it has none.
    expires_at: Option<DateTime<Utc>>,
    /// Rows written so far.
    rows: i64,
    /// Bytes written so far.
    bytes: i64,
    /// Why it failed, or why it is tried again.
    error: Option<String>,
}

/// What to export.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "usage", "format": "csv", "from": "2026-10-01", "to": "2026-11-01"}))]
pub(crate) struct NewExport {
    /// `usage` (the ledger, row by row) or `logs` (requests).
    kind: String,
    /// `csv` or `json`
    format: String,
    /// Requests that arrived not before this time. Default: the start of the calendar month of `to`, UTC.
    #[schema(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// Requests that arrived before this time. Default: now.
    #[schema(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
}

impl ExportBody {
    pub(super) fn new(export: Option<Export>) -> Result<Self> {
        export.ok_or_else(|| Error::incomplete("the export"))?.try_into()
    }
}

impl TryFrom<Export> for ExportBody {
    type Error = Error;

    fn try_from(export: Export) -> Result<Self> {
        Ok(Self {
            id: export.id,
            kind: export.kind,
            format: export.format,
            status: export.status,
            from: time::always(export.from)?,
            to: time::always(export.to)?,
            created_by: export.created_by,
            created_at: time::always(export.created_at)?,
            finished_at: time::maybe(export.finished_at),
            expires_at: time::maybe(export.expires_at),
            rows: export.rows,
            bytes: export.bytes,
            error: some(export.error),
        })
    }
}

impl From<NewExport> for CreateExportRequest {
    fn from(new: NewExport) -> Self {
        Self {
            kind: new.kind,
            format: new.format,
            from: new.from.map(time::Instant::to_proto),
            to: new.to.map(time::Instant::to_proto),
        }
    }
}
