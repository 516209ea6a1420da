//! `exports`

use super::destination::Destination;
use chrono::{DateTime, Utc};
use proto::{
    Permission,
    id::{ExportId, ScheduleId, WorkspaceId},
    time::to_proto,
    usage::{Export, ExportDelivery},
};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The ledger, row by row.
    Usage,
    /// Requests, with the sums of their ledger rows.
    Logs,
    /// What happened in the workspace.
    Audit,
    /// What it owes and has paid.
    Invoices,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// RFC 4180 with a header.
    Csv,
    /// One array of objects.
    Json,
}

store::row! {
    /// A row as it is.
    #[derive(Clone, Debug)]
    pub(crate) struct ExportRow {
        pub workspace_id: WorkspaceId,
        pub id: ExportId,
        pub schedule_id: Option<ScheduleId>,
        pub kind: String,
        pub format: String,
        pub status: String,
        pub period_from: DateTime<Utc>,
        pub period_to: DateTime<Utc>,
        pub created_by: String,
        pub created_at: DateTime<Utc>,
        pub due_at: DateTime<Utc>,
        pub tries: i64,
        pub failures: i64,
        pub row_count: i64,
        pub byte_count: i64,
        pub error: String,
        pub finished_at: Option<DateTime<Utc>>,
        pub expires_at: Option<DateTime<Utc>>,
        pub destination: String,
        /// Sealed.
        pub credential: Option<Vec<u8>>,
        pub delivery: String,
        pub deliver_at: Option<DateTime<Utc>>,
        pub delivery_tries: i64,
        pub delivery_failures: i64,
        pub delivery_error: String,
        pub delivered_at: Option<DateTime<Utc>>,
        pub delivered_to: String,
        pub letters: String,
    }
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::Usage, Self::Logs, Self::Audit, Self::Invoices];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Logs => "logs",
            Self::Audit => "audit",
            Self::Invoices => "invoices",
        }
    }

    /// What whoever reads it must be allowed to.
    pub const fn permission(self) -> Permission {
        match self {
            Self::Usage => Permission::UsageRead,
            Self::Logs => Permission::LogsRead,
            Self::Audit => Permission::AuditRead,
            Self::Invoices => Permission::BillingRead,
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Format {
    const ALL: [Self; 2] = [Self::Csv, Self::Json];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Json => "application/json",
        }
    }
}

impl ExportRow {
    /// What a person calls the file.
    pub fn file_name(&self) -> String {
        let day = |at: DateTime<Utc>| at.format("%Y%m%dT%H%MZ");
        format!("{}-{}-{}.{}", self.kind, day(self.period_from), day(self.period_to), self.format)
    }

    /// What it is called where files of the same period must not replace each other.
    pub fn object_name(&self) -> String {
        let name = self.file_name();
        match name.rsplit_once('.') {
            Some((stem, format)) => format!("{stem}.{}.{format}", self.id),
            None => name,
        }
    }

    /// How its delivery stands; none for what is downloaded only.
    fn delivery(&self) -> Option<ExportDelivery> {
        let is_waiting = self.delivery == "waiting";
        (!self.delivery.is_empty()).then(|| ExportDelivery {
            status: self.delivery.clone(),
            failures: i32::try_from(self.delivery_failures).unwrap_or(i32::MAX),
            next_try_at: self.deliver_at.filter(|_| is_waiting && !self.delivery_error.is_empty()).map(to_proto),
            delivered_at: self.delivered_at.map(to_proto),
            location: self.delivered_to.clone(),
            error: self.delivery_error.clone(),
        })
    }
}

impl From<ExportRow> for Export {
    fn from(row: ExportRow) -> Self {
        Self {
            delivery: row.delivery(),
            // One of a newer release is not shown as something else.
            destination: Destination::parse(&row.destination).ok().map(Into::into),
            id: row.id.to_string(),
            kind: row.kind,
            format: row.format,
            status: row.status,
            from: Some(to_proto(row.period_from)),
            to: Some(to_proto(row.period_to)),
            created_by: row.created_by,
            created_at: Some(to_proto(row.created_at)),
            finished_at: row.finished_at.map(to_proto),
            expires_at: row.expires_at.map(to_proto),
            rows: row.row_count,
            bytes: row.byte_count,
            error: row.error,
            schedule_id: row.schedule_id.map(String::from).unwrap_or_default(),
        }
    }
}
