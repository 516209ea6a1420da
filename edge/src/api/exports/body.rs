//! What an export looks like.

use super::destination::{DestinationBody, NewDestination};
use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::usage::{CreateExportRequest, Export, ExportDelivery};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A file of usage, logs, the audit trail or invoices.
#[derive(Serialize, ToSchema)]
#[schema(as = Export)]
pub(crate) struct ExportBody {
    /// `exp_…`
    pub(super) id: String,
    /// `usage`, `logs`, `audit` or `invoices`
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
    /// Null for what this release does not know.
    destination: Option<DestinationBody>,
    /// How its file gets there. Null for downloads.
    delivery: Option<DeliveryBody>,
}

/// How the file of an export gets to its destination. It can be downloaded in any case.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportDelivery)]
struct DeliveryBody {
    /// `waiting` (for the file, or for the next try), `delivered` or `failed` (given up).
    status: String,
    /// Tries that failed. After ten it is given up.
    failures: i32,
    /// When it is tried again, or goes on.
    next_try_at: Option<DateTime<Utc>>,
    delivered_at: Option<DateTime<Utc>>,
    /// Where it is: an object, or the addresses that it was sent to.
    #[schema(example = "s3://reports/perpetuo/usage-20261001T0000Z-20261101T0000Z.exp_01k.csv")]
    location: Option<String>,
    /// Why the last try failed; of e-mails that were delivered, who did not get one and why.
    error: Option<String>,
}

/// What to export.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "usage", "format": "csv", "from": "2026-10-01", "to": "2026-11-01"}))]
pub(crate) struct NewExport {
    /// `usage` (the ledger, row by row), `logs` (requests), `audit` (what happened in the workspace) or `invoices` (those that were
    /// issued in the period).
    kind: String,
    /// `csv` or `json`
    format: String,
    /// Requests that arrived, or events that happened, not before this time. Default: the start of the calendar month of `to`, UTC.
    #[schema(value_type = Option<DateTime<Utc>>)]
    from: Option<time::Instant>,
    /// And before this time. Default: now.
    #[schema(value_type = Option<DateTime<Utc>>)]
    to: Option<time::Instant>,
    /// Where its file goes. Default: download.
    destination: Option<NewDestination>,
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
            destination: export.destination.and_then(DestinationBody::of),
            delivery: export.delivery.map(DeliveryBody::from),
        })
    }
}

impl From<ExportDelivery> for DeliveryBody {
    fn from(delivery: ExportDelivery) -> Self {
        Self {
            status: delivery.status,
            failures: delivery.failures,
            next_try_at: time::maybe(delivery.next_try_at),
            delivered_at: time::maybe(delivery.delivered_at),
            location: some(delivery.location),
            error: some(delivery.error),
        }
    }
}

impl From<NewExport> for CreateExportRequest {
    fn from(new: NewExport) -> Self {
        Self {
            kind: new.kind,
            format: new.format,
            from: new.from.map(time::Instant::to_proto),
            to: new.to.map(time::Instant::to_proto),
            destination: new.destination.map(Into::into),
        }
    }
}
