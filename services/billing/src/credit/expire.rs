//! Credits that nobody used in time are over.

use crate::{
    Billing, Error,
    customer::lock,
    ledger::{Account, Posting, post, standing},
};
use chrono::{DateTime, Utc};
use proto::id::{CreditGrantId, WorkspaceId};
use store::{SystemTx, WorkspaceTx, sql};
use uuid::Uuid;

store::row! {
    struct Row {
        workspace_id: WorkspaceId,
        grant_id: CreditGrantId,
        currency: String,
        expires_at: DateTime<Utc>,
    }
}

/// All of them, page by page: one that fails is tried again in the next round and is in nobody's way. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let now = service.clock.now();
    let mut after = (DateTime::UNIX_EPOCH, CreditGrantId::from_uuid(Uuid::nil()));
    loop {
        let mut tx = SystemTx::read(&service.db, "find credits that have expired").await?;
        let values = [now.into(), after.0.into(), after.1.into()];
        let rows: Vec<Row> = tx.fetch_all(sql!("credit/expired"), &values).await?;
        tx.commit().await?;
        let Some(last) = rows.last() else { return Ok(()) };
        after = (last.expires_at, last.grant_id);
        for Row { workspace_id: workspace, grant_id: id, currency, .. } in rows {
            if let Err(error) = one(service, workspace, id, &currency).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, credits = %id, "credits that have expired were not written off");
            }
        }
    }
}

async fn one(service: &Billing, workspace: WorkspaceId, id: CreditGrantId, currency: &str) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let account = Account::Credits(id);
    let left = standing::credits(&mut tx, workspace, id).await?;
    let now = service.clock.now();
    // What an invoice gives back later expires once more.
    let posting = Posting::new("credits_expired", format!("expired:{id}:{}", now.timestamp_micros()), now);
    post(service, &mut tx, posting.transfer(&account, &Account::ExpiredCredits, currency, left)).await?;
    tx.execute(sql!("credit/over"), &[workspace.into(), id.into()]).await?;
    Ok(tx.commit().await?)
}
