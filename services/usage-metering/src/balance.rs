//! How much may a workspace still use that it has paid for beforehand?
//!
//! Billing says what is left of credits and until when usage is charged; whoever admits adds what was used until then, and holds all that
//! the workspace uses with credentials of the platform, ever, to the sum. So the counter of a budget is all it takes: it is exact, and
//! nobody has to ask billing.

use crate::{Error, read, service::Inner};
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    time::to_proto,
    usage::{Allowance, Period, SumPlatformUsageRequest},
};
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};
use store::{SystemTx, WorkspaceTx, sql};
use uuid::Uuid;

/// The event that tells of it.
pub(crate) const CHANGED: &str = "credits.changed";

/// What the event says.
#[derive(Deserialize)]
struct Changed {
    currency: String,
    allowance_nanos: i64,
    charged_to: DateTime<Utc>,
}

store::row! {
    struct Row {
        workspace_id: Uuid,
        position: i64,
        currency: String,
        allowance_nanos: i64,
        charged_nanos: i64,
    }
}

/// Of each workspace that billing has spoken of.
#[derive(Debug, Default)]
pub(crate) struct Balances {
    by_workspace: RwLock<HashMap<Uuid, Balance>>,
}

#[derive(Clone, Debug)]
struct Balance {
    currency: String,
    /// All that may ever be used, in 10⁻⁹ of the currency.
    ceiling: i64,
}

impl Balances {
    /// What a workspace may use altogether; nothing, in the currency that it counts in, where nobody has spoken of it.
    pub fn allowance(&self, workspace: Uuid, currency: &str) -> Allowance {
        self.known(workspace).unwrap_or_else(|| Balance::none(currency).allowance())
    }

    /// The same; None where nobody has spoken of it.
    pub fn known(&self, workspace: Uuid) -> Option<Allowance> {
        let all = self.by_workspace.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&workspace).cloned().map(Balance::allowance)
    }

    fn set(&self, workspace: Uuid, currency: String, ceiling: i64) {
        let mut all = self.by_workspace.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(workspace, Balance { currency, ceiling });
    }
}

impl Balance {
    fn none(currency: &str) -> Self {
        // A budget needs a currency, also one of nothing.
        let currency = if currency.len() == 3 { currency } else { "USD" };
        Self { currency: currency.to_owned(), ceiling: 0 }
    }

    fn allowance(self) -> Allowance {
        let Self { currency, ceiling } = self;
        Allowance {
            resource: crate::limit::COST.to_owned(),
            period: Period::Total.into(),
            limit: ceiling,
            currency,
            ..Allowance::default()
        }
    }
}

/// Reads what was said before this process started, and until where. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn start(inner: &Inner) -> Result<i64, Error> {
    let mut tx = SystemTx::read(&inner.db, "read the balances of all workspaces").await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("balance/all"), &[]).await?;
    tx.commit().await?;
    let position = rows.iter().map(|row| row.position).max().unwrap_or_default();
    for Row { workspace_id, currency, allowance_nanos, charged_nanos, .. } in rows {
        inner.balances.set(workspace_id, currency, charged_nanos.saturating_add(allowance_nanos));
    }
    Ok(position)
}

/// What billing says now. One that cannot be read is skipped. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn follow(inner: &Inner, workspace: &str, payload: &str, position: i64) -> Result<(), Error> {
    let read = (workspace.parse::<WorkspaceId>(), serde_json::from_str::<Changed>(payload));
    let (Ok(workspace), Ok(changed)) = read else {
        tracing::warn!(position, "what is left of credits cannot be read, skipped");
        return Ok(());
    };
    let Changed { currency, allowance_nanos, charged_to } = changed;
    let charged = charged(inner, workspace, charged_to, &currency).await?;
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let values = [
        workspace.into(),
        position.into(),
        currency.as_str().into(),
        allowance_nanos.into(),
        charged.into(),
        inner.clock.now().into(),
    ];
    tx.execute(sql!("balance/follow"), &values).await?;
    tx.commit().await?;
    inner.balances.set(workspace.uuid(), currency, charged.saturating_add(allowance_nanos));
    Ok(())
}

/// What was used with credentials of the platform until then. What has no rate counts for nothing here and is refused by its budget.
async fn charged(inner: &Inner, workspace: WorkspaceId, to: DateTime<Utc>, currency: &str) -> Result<i64, Error> {
    let request = SumPlatformUsageRequest {
        from: Some(to_proto(DateTime::UNIX_EPOCH)),
        to: Some(to_proto(to)),
        currency: currency.to_owned(),
    };
    let found = read::sum_platform_usage(&inner.db, &inner.prices, workspace, request).await?;
    Ok(found.costs.iter().filter_map(|cost| cost.converted_nanos).fold(0, i64::saturating_add))
}
