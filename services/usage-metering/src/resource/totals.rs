//! How much was used of each resource in a period?

use crate::{Error, read::Period};
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    time::to_proto,
    usage::{GetResourceUsageResponse, ResourceUsage},
};
use store::{Db, Sql, WorkspaceTx, sql};

const TOTALS: Sql = sql!("resource/totals");

/// In microseconds.
const QUARTER: i64 = 15 * 60_000_000;

store::row! {
    struct TotalRow {
        resource: String,
        events: i64,
        quantity: i64,
    }
}

/// Ordered by name. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_resource_usage(
    db: &Db,
    workspace: WorkspaceId,
    period: Period,
) -> Result<GetResourceUsageResponse, Error> {
    let (first, last) = quarters(period);
    let values = [workspace.into(), period.from.into(), first.into(), last.into(), period.to.into()];
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let rows: Vec<TotalRow> = tx.fetch_all(TOTALS, &values).await?;
    let resource = |row: TotalRow| ResourceUsage { resource: row.resource, events: row.events, quantity: row.quantity };
    Ok(GetResourceUsageResponse {
        resources: rows.into_iter().map(resource).collect(),
        from: Some(to_proto(period.from)),
        to: Some(to_proto(period.to)),
    })
}

/// The whole quarters of a period: from the first until the last. Without any, both are its end.
fn quarters(period: Period) -> (DateTime<Utc>, DateTime<Utc>) {
    let (from, to) = (period.from.timestamp_micros(), period.to.timestamp_micros());
    let first = from.saturating_add((-from).rem_euclid(QUARTER));
    let last = to - to.rem_euclid(QUARTER);
    let time = |micros| DateTime::from_timestamp_micros(micros).unwrap_or(period.to);
    if first <= last { (time(first), time(last)) } else { (period.to, period.to) }
}
