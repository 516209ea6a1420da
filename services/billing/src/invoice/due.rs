//! Closes drafts, and takes back invoices whose time is over, without a request.

use super::{
    cancel::void,
    finalize, row,
    state::{Invoice, Status},
    usage,
};
use crate::{
    Billing, Error,
    customer::lock,
    payment, peers,
    subscription::{settled, state::PENDING_LINGERS},
};
use chrono::{DateTime, Utc};
use proto::{
    Call, Role,
    id::{InvoiceId, RequestId, WorkspaceId},
};
use store::{SystemTx, WorkspaceTx, sql};
use uuid::Uuid;

/// All of them, page by page. It may run in several processes at once. One that fails is tried again in the next round, and is in
/// nobody's way. Errors: they could not be found.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let now = service.clock.now();
    let mut after = (DateTime::UNIX_EPOCH, InvoiceId::from_uuid(Uuid::nil()));
    loop {
        let mut tx = SystemTx::read(&service.db, "find invoices that are due").await?;
        let values = [now.into(), after.0.into(), after.1.into()];
        let due: Vec<(WorkspaceId, InvoiceId, DateTime<Utc>)> = tx.fetch_all(sql!("invoice/due"), &values).await?;
        tx.commit().await?;
        let Some((_, id, at)) = due.last() else { return Ok(()) };
        after = (*at, *id);
        for (workspace, id, _) in due {
            if let Err(error) = Box::pin(one(service, workspace, id)).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, %workspace, invoice = %id, "an invoice that is due was not closed");
            }
        }
    }
}

async fn one(service: &Billing, workspace: WorkspaceId, id: InvoiceId) -> Result<(), Error> {
    let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
    // Nobody waits for another service while holding a connection.
    let found = match peers::workspace(service, workspace).await {
        // Its books are there: what is due is closed with what they know.
        Err(Error::NoWorkspace) => peers::Workspace::gone(workspace),
        found => found?,
    };
    let used = used(service, workspace, id).await?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    match invoice.status {
        Status::Draft => finalize(service, &call, &mut tx, id, &found, used.as_ref()).await?,
        Status::Open if is_over(service, &mut tx, &invoice).await? => {
            void(service, &call, &mut tx, &invoice).await?;
            settled::settled(service, &call, &mut tx, &invoice).await?;
        }
        Status::Open | Status::Paid | Status::Void => {}
    }
    Ok(tx.commit().await?)
}

/// Whether its time is over and no money for it is on its way, as far as its providers say. They are asked once more, so that
/// who paid in the last minute has what they paid for; who cannot be asked is not waited for longer than the subscription does.
async fn is_over(service: &Billing, tx: &mut WorkspaceTx, invoice: &Invoice) -> Result<bool, Error> {
    let now = service.clock.now();
    if invoice.expires_at.is_none_or(|at| at > now) {
        return Ok(false);
    }
    if invoice.expires_at.is_some_and(|at| at + PENDING_LINGERS <= now) {
        return Ok(true);
    }
    payment::hurry(service, tx, invoice.id).await?;
    Ok(!payment::is_any_open(tx, invoice.id).await?)
}

/// What the usage that a draft charges has cost.
async fn used(service: &Billing, workspace: WorkspaceId, id: InvoiceId) -> Result<Option<usage::Found>, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    tx.commit().await?;
    let Some(charged) = invoice.usage.filter(|_| invoice.status == Status::Draft) else { return Ok(None) };
    usage::find(service, workspace, invoice.subscription, &charged, &invoice.currency).await.map(Some)
}
