//! How much did all workspaces use?

use super::{
    Period,
    piece::{Source, down, pieces, up},
    sums::{SumRow, Sums},
};
use crate::Error;
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    id::WorkspaceId,
    time::to_proto,
    usage::{SummarizeUsageRequest, SummarizeUsageResponse, SummaryDimension, SummaryGroup, UsageSums},
};
use std::collections::BTreeMap;
use store::{Db, Sql, SystemTx, sql};
use uuid::Uuid;

const SUMMARY: Sql = sql!(pair "usage/summary");

/// Totals of all workspaces, split by something: for operators, whoever asks for it has checked that they are one.
/// `now` is the end of a period that has none. Errors: `INVALID_ARGUMENT` for no dimension and for parts of hours,
/// `SERVICE_UNAVAILABLE`.
pub async fn summarize(
    db: &Db,
    request: &SummarizeUsageRequest,
    now: DateTime<Utc>,
) -> Result<SummarizeUsageResponse, Error> {
    let period = Period::parse(request.from, request.to.or(Some(to_proto(up(now, HOUR)))), now)?;
    if down(period.from, HOUR) != period.from || down(period.to, HOUR) != period.to {
        return Err(Error::invalid("from", "and `to` must be whole hours"));
    }
    let (name, face) = match request.by() {
        SummaryDimension::Unspecified => {
            return Err(Error::invalid("by", "must be workspace, plan, provider or day"));
        }
        SummaryDimension::Workspace => ("workspace", "plan"),
        SummaryDimension::Plan => ("plan", "plan"),
        SummaryDimension::Provider => ("provider", "model"),
        SummaryDimension::Day => ("day", "plan"),
    };
    let mut tx = SystemTx::read(db, "sum up usage for operators").await?;
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for piece in pieces(period.from, period.to, Source::Days, period.to) {
        let span = if piece.source == Source::Days { "day" } else { "hour" };
        let values = [piece.from.into(), piece.to.into(), span.into(), face.into(), name.into()];
        for row in tx.fetch_all::<SumRow>(SUMMARY, &values).await? {
            let value = match request.by() {
                // A column that holds nothing but ids.
                SummaryDimension::Workspace => {
                    WorkspaceId::from_uuid(Uuid::try_parse(&row.value).unwrap_or_default()).to_string()
                }
                _ => row.value.clone(),
            };
            sums.entry(value).or_default().add(&row);
        }
    }
    let group = |(value, sums): (String, Sums)| SummaryGroup {
        value,
        sums: Some(UsageSums { other_costs: vec![], ..sums.finish("") }),
        costs: sums.costs(),
    };
    Ok(SummarizeUsageResponse {
        groups: sums.into_iter().map(group).collect(),
        from: Some(to_proto(period.from)),
        to: Some(to_proto(period.to)),
    })
}

const HOUR: TimeDelta = TimeDelta::hours(1);
