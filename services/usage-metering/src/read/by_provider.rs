//! How much was used of each provider?

use super::Period;
use crate::Error;
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    money::Nanos,
    usage::{GetUsageByProviderResponse, ProviderUsage},
};
use store::{Db, Sql, WorkspaceTx, sql};

const BY_PROVIDER: Sql = sql!("usage/by_provider");

store::row! {
    struct ProviderRow {
        provider: String,
        currency: String,
        requests: i64,
        input_tokens: i64,
        output_tokens: i64,
        cost_nanos: i64,
        priced: i64,
        newest: DateTime<Utc>,
    }
}

/// Ordered by name. Cost is in the currency of the newest row of all, as in the total. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn get_usage_by_provider(
    db: &Db,
    workspace: WorkspaceId,
    period: Period,
) -> Result<GetUsageByProviderResponse, Error> {
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let values =
        [workspace.into(), period.least_id().into(), period.beyond_id().into(), period.from.into(), period.to.into()];
    let rows: Vec<ProviderRow> = tx.fetch_all(BY_PROVIDER, &values).await?;
    let currency = rows.iter().max_by_key(|row| row.newest).map(|row| row.currency.clone()).unwrap_or_default();
    let mut providers: Vec<ProviderUsage> = vec![];
    for row in rows {
        if providers.last().is_none_or(|last| last.provider != row.provider) {
            providers.push(ProviderUsage { provider: row.provider, ..ProviderUsage::default() });
        }
        let Some(sum) = providers.last_mut() else { continue };
        sum.requests += row.requests;
        sum.input_tokens += row.input_tokens;
        sum.output_tokens += row.output_tokens;
        if row.currency == currency && row.priced > 0 {
            sum.cost_micros = Some(Nanos(row.cost_nanos).to_micros());
        }
    }
    Ok(GetUsageByProviderResponse { providers })
}
