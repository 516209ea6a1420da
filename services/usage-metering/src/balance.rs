//! How much may a workspace still use that it has paid for beforehand?
//!
//! Billing says what is left of credits and until when usage is charged; whoever admits holds what the workspace uses with credentials of
//! the platform from then on to it. So the counter of a budget is all it takes: it is exact, and nobody has to ask billing. What was
//! charged is never read again, however long somebody stays, and is converted at no rate of today.

use crate::{Error, read, service::Inner};
use chrono::{DateTime, Utc};
use proto::{
    id::WorkspaceId,
    usage::{Allowance, Period},
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
        charged_to: Option<DateTime<Utc>>,
    }
}

/// Of each workspace that billing has spoken of.
#[derive(Debug, Default)]
pub(crate) struct Balances {
    by_workspace: RwLock<HashMap<Uuid, Balance>>,
}

/// What may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    pub allowance: Allowance,
    /// From when on that is counted, in seconds since 1970: a beginning of a quarter of an hour.
    pub since: i64,
}

impl Balances {
    /// What a workspace may use; nothing, in the currency that it counts in, where nobody has spoken of it.
    pub fn of(&self, workspace: Uuid, currency: &str) -> Balance {
        // A budget needs a currency, also one of nothing.
        let currency = if currency.len() == 3 { currency } else { "USD" };
        self.known(workspace).unwrap_or_else(|| Balance::new(currency.to_owned(), 0, None))
    }

    /// The same; None where nobody has spoken of it.
    pub fn known(&self, workspace: Uuid) -> Option<Balance> {
        let all = self.by_workspace.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&workspace).cloned()
    }

    fn set(&self, workspace: Uuid, balance: Balance) {
        let mut all = self.by_workspace.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(workspace, balance);
    }
}

impl Balance {
    /// What is written down. A release before this one counts all that was ever used and says what of that was charged, and it leaves
    /// alone until when this one has seen it charged: of the two forms one holds, and this one always writes that 0 was charged.
    fn kept(row: Row) -> Self {
        let Row { currency, allowance_nanos, charged_nanos, charged_to, .. } = row;
        let limit = charged_nanos.saturating_add(allowance_nanos);
        Self::new(currency, limit, charged_to.filter(|_| charged_nanos == 0))
    }

    /// So much, in 10⁻⁹ of a currency. What is charged is what was used in whole quarters of an hour before, so the rest is counted.
    fn new(currency: String, limit: i64, charged_to: Option<DateTime<Utc>>) -> Self {
        let since = charged_to.map_or(0, |at| read::counted_to(at).timestamp());
        let (resource, period) = (crate::limit::COST.to_owned(), Period::Total.into());
        Self { allowance: Allowance { resource, period, limit, currency, ..Allowance::default() }, since }
    }
}

/// Reads what was said before this process started, and until where. Errors: `SERVICE_UNAVAILABLE`.
pub(crate) async fn start(inner: &Inner) -> Result<i64, Error> {
    let mut tx = SystemTx::read(&inner.db, "read the balances of all workspaces").await?;
    let rows: Vec<Row> = tx.fetch_all(sql!("balance/all"), &[]).await?;
    tx.commit().await?;
    let position = rows.iter().map(|row| row.position).max().unwrap_or_default();
    for row in rows {
        inner.balances.set(row.workspace_id, Balance::kept(row));
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
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let values = [
        workspace.into(),
        position.into(),
        currency.as_str().into(),
        allowance_nanos.into(),
        charged_to.into(),
        inner.clock.now().into(),
    ];
    tx.execute(sql!("balance/follow"), &values).await?;
    tx.commit().await?;
    inner.balances.set(workspace.uuid(), Balance::new(currency, allowance_nanos, Some(charged_to)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(charged_nanos: i64, charged_to: Option<&str>) -> Row {
        Row {
            workspace_id: Uuid::nil(),
            position: 1,
            currency: "BRL".to_owned(),
            allowance_nanos: 500,
            charged_nanos,
            charged_to: charged_to.map(|at| at.parse().expect("a time")),
        }
    }

    #[test]
    fn what_a_release_before_has_written_is_one_form_and_never_a_mixture() {
        let at = "2027-03-01T12:00:00Z";
        for (row, limit, since) in [
            (row(0, Some(at)), 500, 1_803_902_400),
            (row(300, None), 800, 0),
            // It was written by this release first, and then by the one before.
            (row(300, Some(at)), 800, 0),
        ] {
            let kept = Balance::kept(row);
            assert_eq!((kept.allowance.limit, kept.since), (limit, since));
        }
    }
}
