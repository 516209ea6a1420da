//! What a schedule looks like.

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::usage::{CreateExportScheduleRequest, ExportSchedule};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An export that is made again and again.
#[derive(Serialize, ToSchema)]
#[schema(as = ExportSchedule)]
pub(crate) struct ScheduleBody {
    /// `sched_…`
    pub(super) id: String,
    /// `usage` or `logs`
    kind: String,
    /// `csv` or `json`
    format: String,
    #[schema(example = "0 6 * * MON")]
    cron: String,
    #[schema(example = "America/Sao_Paulo")]
    time_zone: String,
    destination: Destination,
    created_by: String,
    created_at: DateTime<Utc>,
    /// Null while it is paused.
    next_run_at: Option<DateTime<Utc>>,
    last_run_at: Option<DateTime<Utc>>,
    /// Where the next export begins: what was before is in exports that were made.
    covered_until: DateTime<Utc>,
    /// Exports that failed in a row. After five the schedule is paused: delete it and create it again.
    failures: i32,
    paused: bool,
    /// Why the last export failed.
    error: Option<String>,
}

/// Where exports go.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExportDestination)]
pub(super) struct Destination {
    /// `download`: they wait in the list of exports.
    #[serde(rename = "type")]
    #[schema(example = "download")]
    kind: String,
}

/// What to export when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "usage", "format": "csv", "cron": "0 6 1 * *", "time_zone": "America/Sao_Paulo"}))]
pub(crate) struct NewSchedule {
    /// `usage` or `logs`
    kind: String,
    /// `csv` or `json`
    format: String,
    /// Five fields: minute, hour, day of month, month, day of week. At least an hour between two runs.
    cron: String,
    /// IANA name. Default: UTC.
    time_zone: Option<String>,
    /// Default: download.
    destination: Option<Destination>,
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
            destination: Destination { kind: schedule.destination },
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
            destination: new.destination.map(|to| to.kind).unwrap_or_default(),
        }
    }
}
