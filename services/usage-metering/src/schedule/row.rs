//! `export_schedules`

use crate::export::Destination;
use chrono::{DateTime, Utc};
use proto::{
    id::{ScheduleId, WorkspaceId},
    time::to_proto,
    usage::ExportSchedule,
};

store::row! {
    pub(super) struct ScheduleRow {
        pub workspace_id: WorkspaceId,
        pub id: ScheduleId,
        pub kind: String,
        pub format: String,
        pub cron: String,
        pub time_zone: String,
        pub destination: String,
        pub created_by: String,
        pub created_at: DateTime<Utc>,
        pub next_run_at: DateTime<Utc>,
        pub last_run_at: Option<DateTime<Utc>>,
        pub covered_until: DateTime<Utc>,
        pub failures: i64,
        pub paused: bool,
        pub error: String,
        /// Sealed.
        pub credential: Option<Vec<u8>>,
    }
}

impl From<ScheduleRow> for ExportSchedule {
    fn from(row: ScheduleRow) -> Self {
        Self {
            id: row.id.to_string(),
            kind: row.kind,
            format: row.format,
            cron: row.cron,
            time_zone: row.time_zone,
            // One of a newer release is not shown as something else.
            destination: Destination::parse(&row.destination).ok().map(Into::into),
            created_by: row.created_by,
            created_at: Some(to_proto(row.created_at)),
            next_run_at: (!row.paused).then(|| to_proto(row.next_run_at)),
            last_run_at: row.last_run_at.map(to_proto),
            covered_until: Some(to_proto(row.covered_until)),
            failures: i32::try_from(row.failures).unwrap_or(i32::MAX),
            paused: row.paused,
            error: row.error,
        }
    }
}
