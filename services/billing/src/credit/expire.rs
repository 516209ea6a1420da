//! Credits that nobody used in time are over.

use crate::{
    Billing, Error,
    customer::lock,
    ledger::{Account, Posting, post, standing},
};
use proto::id::{CreditGrantId, WorkspaceId};
use store::{SystemTx, WorkspaceTx, sql};

/// At most a hundred at a time. One that fails is tried again in the next round. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find credits that have expired").await?;
    let rows: Vec<(WorkspaceId, CreditGrantId, String)> =
        tx.fetch_all(sql!("credit/expired"), &[service.clock.now().into()]).await?;
    tx.commit().await?;
    for (workspace, id, currency) in rows {
        if let Err(error) = one(service, workspace, id, &currency).await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, %workspace, credits = %id, "credits that have expired were not written off");
        }
    }
    Ok(())
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
