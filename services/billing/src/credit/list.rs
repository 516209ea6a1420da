//! What credits does a workspace have?

use crate::{Billing, Error, ledger::standing};
use chrono::{DateTime, Utc};
use proto::{
    billing::{CreditBalance, CreditGrant, GetCreditsResponse},
    id::{CreditGrantId, WorkspaceId},
    time::to_proto,
};
use std::collections::BTreeMap;
use store::{Tx, WorkspaceTx, sql};

store::row! {
    struct Row {
        grant_id: CreditGrantId,
        category: String,
        currency: String,
        amount: i64,
        note: String,
        created_at: DateTime<Utc>,
        expires_at: Option<DateTime<Utc>>,
    }
}

/// Balances, and what they consist of.
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<GetCreditsResponse, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let grants = live(&mut tx, workspace, service.clock.now()).await?;
    tx.commit().await?;
    let mut balances = BTreeMap::<String, i64>::new();
    for grant in &grants {
        *balances.entry(grant.currency.clone()).or_default() += grant.remaining;
    }
    let balances = balances.into_iter().map(|(currency, amount)| CreditBalance { currency, amount }).collect();
    Ok(GetCreditsResponse { balances, grants })
}

/// Those that something is left of, in the order in which they are used.
pub(super) async fn live(tx: &mut Tx, workspace: WorkspaceId, now: DateTime<Utc>) -> Result<Vec<CreditGrant>, Error> {
    let rows: Vec<Row> = tx.fetch_all(sql!("credit/live"), &[workspace.into(), now.into()]).await?;
    let mut grants = vec![];
    for row in rows {
        let left = standing::credits(tx, workspace, row.grant_id).await?;
        grants.extend(Some(row.shown(left)).filter(|grant| grant.remaining > 0));
    }
    Ok(grants)
}

/// One of them, whatever is left of it.
pub(super) async fn one(tx: &mut WorkspaceTx, id: CreditGrantId) -> Result<CreditGrant, Error> {
    let workspace = tx.workspace();
    let row: Row = tx.fetch_one(sql!("credit/get"), &[workspace.into(), id.into()]).await?;
    let left = standing::credits(tx, workspace, id).await?;
    Ok(row.shown(left))
}

impl Row {
    fn shown(self, remaining: i64) -> CreditGrant {
        CreditGrant {
            id: self.grant_id.to_string(),
            category: self.category,
            currency: self.currency,
            amount: self.amount,
            remaining,
            note: self.note,
            created_at: Some(to_proto(self.created_at)),
            expires_at: self.expires_at.map(to_proto),
        }
    }
}
