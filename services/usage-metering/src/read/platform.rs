//! What is a workspace charged for? What its models cost that were called with credentials of the platform.

use super::piece::{Source, down};
use crate::{Error, price::Prices};
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    time::from_proto,
    usage::{PlatformCost, SumPlatformUsageRequest, SumPlatformUsageResponse},
};
use store::{Db, WorkspaceTx, sql};

/// Errors: `INVALID_ARGUMENT` for times that are none, `SERVICE_UNAVAILABLE`.
pub(crate) async fn sum_platform_usage(
    db: &Db,
    prices: &Prices,
    workspace: WorkspaceId,
    request: SumPlatformUsageRequest,
) -> Result<SumPlatformUsageResponse, Error> {
    let quarter = |field: &'static str, at: Option<_>| {
        let at = at.and_then(from_proto).map(counted_to);
        at.ok_or(Error::Invalid { field, problem: "must be a time" })
    };
    let (from, to) = (quarter("from", request.from)?, quarter("to", request.to)?);
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let rows: Vec<(String, i64)> =
        tx.fetch_all(sql!("usage/platform"), &[workspace.into(), from.into(), to.into()]).await?;
    tx.commit().await?;
    let costs =
        rows.into_iter().map(|(currency, cost_nanos)| cost(prices, currency, cost_nanos, &request.currency, to));
    Ok(SumPlatformUsageResponse { costs: costs.collect() })
}

/// Until when it is counted what was used until `at`: roll-ups are of quarters of an hour.
pub(crate) fn counted_to(at: DateTime<Utc>) -> DateTime<Utc> {
    down(at, Source::Quarters.grain())
}

fn cost(prices: &Prices, currency: String, cost_nanos: i64, wished: &str, at: DateTime<Utc>) -> PlatformCost {
    let converted_nanos = prices.convert(cost_nanos, &currency, wished, at);
    PlatformCost { currency, cost_nanos, converted_nanos }
}
