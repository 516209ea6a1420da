//! What a schedule looks like.

use crate::{
    api::{
        exports::destination::{DestinationBody, NewDestination},
        page::some,
        time,
    },
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::{
    id::ScheduleId,
    usage::{CreateExportScheduleRequest, ExportSchedule, UpdateExportScheduleRequest},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An export that is made again and again.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportSchedule)]
pub(crate) struct ScheduleBody {
    /// `sched_…`
    pub(super) id: String,
    /// `usage`, `logs`, `audit` or `invoices`
    kind: String,
    /// `csv` or `json`
    format: String,
    #[schema(example = "0 6 * * MON")]
    cron: String,
    #[schema(example = "America/Sao_Paulo")]
    time_zone: String,
    /// Null for what this release does not know.
    destination: Option<DestinationBody>,
    created_by: String,
    created_at: DateTime<Utc>,
    /// Null while it is paused.
    next_run_at: Option<DateTime<Utc>>,
    last_run_at: Option<DateTime<Utc>>,
    /// Where the next export begins: what was before is in exports that were made.
    covered_until: DateTime<Utc>,
    /// Exports in a row that failed or were not delivered. After five the schedule is paused until it is resumed.
    failures: i32,
    paused: bool,
    /// Why the last export failed.
    error: Option<String>,
}

/// What to export when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "usage", "format": "csv", "cron": "0 6 1 * *", "time_zone": "America/Sao_Paulo"}))]
pub(crate) struct NewSchedule {
    /// `usage`, `logs`, `audit` or `invoices`
    kind: String,
    /// `csv` or `json`
    format: String,
    /// Five fields: minute, hour, day of month, month, day of week. At least an hour between two runs.
    cron: String,
    /// IANA name. Default: UTC.
    time_zone: Option<String>,
    /// Where its exports go. Default: download.
    destination: Option<NewDestination>,
}

/// What to change.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"paused": false}))]
pub(crate) struct ScheduleChange {
    /// `false` resumes it: the next export begins where the last that succeeded ended.
    paused: Option<bool>,
    /// Where its exports go from now on. It replaces the old destination with its credential.
    destination: Option<NewDestination>,
}

impl ScheduleBody {
    pub(super) fn new(schedule: Option<ExportSchedule>) -> Result<Self> {
        schedule.ok_or_else(|| Error::incomplete("the schedule"))?.try_into()
    }
}

impl TryFrom<ExportSchedule> for ScheduleBody {
    type Error = Error;

    fn try_from(schedule: ExportSchedule) -> Result<Self> {
        Ok(Self {
            id: schedule.id,
            kind: schedule.kind,
            format: schedule.format,
            cron: schedule.cron,
            time_zone: schedule.time_zone,
            destination: schedule.destination.and_then(DestinationBody::of),
            created_by: schedule.created_by,
            created_at: time::always(schedule.created_at)?,
            next_run_at: time::maybe(schedule.next_run_at),
            last_run_at: time::maybe(schedule.last_run_at),
            covered_until: time::always(schedule.covered_until)?,
            failures: schedule.failures,
            paused: schedule.paused,
            error: some(schedule.error),
        })
    }
}

impl From<NewSchedule> for CreateExportScheduleRequest {
    fn from(new: NewSchedule) -> Self {
        Self {
            kind: new.kind,
            format: new.format,
            cron: new.cron,
            time_zone: new.time_zone.unwrap_or_default(),
            destination: new.destination.map(Into::into),
        }
    }
}

impl ScheduleChange {
    pub(super) fn of(self, id: ScheduleId) -> UpdateExportScheduleRequest {
        UpdateExportScheduleRequest {
            schedule_id: id.to_string(),
            paused: self.paused,
            destination: self.destination.map(Into::into),
        }
    }
}
