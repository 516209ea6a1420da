//! How much was used in a period?

use super::Period;
use crate::Error;
use chrono::{DateTime, Utc};
use proto::{id::WorkspaceId, money::Nanos, time::to_proto, usage::GetUsageResponse};
use store::{Db, Sql, WorkspaceTx, sql};

const TOTAL: Sql = sql!("usage/total");

store::row! {
    struct TotalRow {
        currency: String,
        requests: i64,
        input_tokens: i64,
        output_tokens: i64,
        cost_nanos: i64,
        priced: i64,
        unpriced: i64,
        newest: DateTime<Utc>,
    }
}

/// Requests are counted by their first attempt: whoever was admitted is counted, once. Cost is in the currency of the
/// newest row; what was paid in another has no price in this one. Without use there is no currency.
/// Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_usage(db: &Db, workspace: WorkspaceId, period: Period) -> Result<GetUsageResponse, Error> {
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let values =
        [workspace.into(), period.least_id().into(), period.beyond_id().into(), period.from.into(), period.to.into()];
    let rows: Vec<TotalRow> = tx.fetch_all(TOTAL, &values).await?;
    let mut total = GetUsageResponse {
        from: Some(to_proto(period.from)),
        to: Some(to_proto(period.to)),
        ..GetUsageResponse::default()
    };
    let newest = rows.iter().max_by_key(|row| row.newest).map(|row| row.currency.clone());
    total.currency = newest.unwrap_or_default();
    for row in rows {
        total.total_requests += row.requests;
        total.total_input_tokens += row.input_tokens;
        total.total_output_tokens += row.output_tokens;
        total.unpriced_requests += row.unpriced;
        if row.currency == total.currency {
            total.total_cost_micros = Nanos(row.cost_nanos).to_micros();
        } else {
            total.unpriced_requests += row.priced;
        }
    }
    Ok(total)
}
