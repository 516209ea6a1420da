//! How much was used of each provider and model, by each key and user, and altogether?

use super::{
    Period,
    fetch::Question,
    piece::{Grid, Source},
    sums::{Sums, currency},
    value,
};
use crate::Error;
use proto::{
    time::to_proto,
    usage::{GetUsageByResponse, GetUsageResponse, UsageGroup},
};
use std::collections::BTreeMap;
use store::{Db, WorkspaceTx};

/// What names of the platform's providers begin with. Those of a workspace's own have no slash.
const PLATFORM: &str = "platform/";

/// Totals of a period, and of them what the platform charges for. Requests are counted by their first attempt: whoever was
/// admitted is counted, once. The question is by provider, whose name tells whose it is. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_usage(db: &Db, question: Question, period: Period) -> Result<GetUsageResponse, Error> {
    let mut tx = WorkspaceTx::read(db, question.workspace).await?;
    let grid = Grid { origin: period.from, width: period.to - period.from };
    let (mut sums, mut platform) = (Sums::default(), Sums::default());
    for row in question.read(&mut tx, period, grid, Source::Days).await? {
        sums.add(&row);
        if row.value.starts_with(PLATFORM) {
            platform.add(&row);
        }
    }
    let currency = currency(std::iter::once(&sums));
    Ok(GetUsageResponse {
        sums: Some(sums.finish(&currency)),
        platform: Some(platform.finish(&currency)),
        currency,
        from: Some(to_proto(period.from)),
        to: Some(to_proto(period.to)),
    })
}

/// Ordered by value. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_usage_by(db: &Db, question: Question, period: Period) -> Result<GetUsageByResponse, Error> {
    let sums = sums(db, question, period).await?;
    let currency = currency(sums.values());
    let groups = sums.into_iter().map(|(value, sums)| UsageGroup { value, sums: Some(sums.finish(&currency)) });
    Ok(GetUsageByResponse {
        groups: groups.collect(),
        currency,
        from: Some(to_proto(period.from)),
        to: Some(to_proto(period.to)),
    })
}

async fn sums(db: &Db, question: Question, period: Period) -> Result<BTreeMap<String, Sums>, Error> {
    let mut tx = WorkspaceTx::read(db, question.workspace).await?;
    let grid = Grid { origin: period.from, width: period.to - period.from };
    let mut sums: BTreeMap<String, Sums> = BTreeMap::new();
    for row in question.read(&mut tx, period, grid, Source::Days).await? {
        sums.entry(value(question.by, &row.value)).or_default().add(&row);
    }
    Ok(sums)
}
