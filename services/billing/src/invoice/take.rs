//! Has an invoice taken by a mandate.

use super::{row, state::Status, tell};
use crate::{
    Billing, Error,
    customer::{details, lock},
    ledger::standing,
    payment::{self, Instructions, Method, Order, Payment, Provider, Trouble},
    peers,
};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{InvoiceId, PaymentId, RequestId, WorkspaceId},
};
use std::sync::Arc;
use store::{WorkspaceTx, sql};

/// Until when something is asked for, where the provider says nothing of that.
const LONGEST: TimeDelta = TimeDelta::days(60);
/// How soon the provider is asked what has become of it.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(2);
const NO_NAME: Trouble = Trouble::Unsupported("what mandates pay has no name that we choose");

/// Orders what is left of it. One that is not open, or for which something is ordered already, stays as it is: where that is of another
/// amount, it is cancelled first. Errors: [`Error::NoInvoice`], [`Error::Provider`]; what is refused is given up, and then its payer
/// is asked to pay.
pub(crate) async fn take(
    service: &Billing,
    workspace: WorkspaceId,
    id: InvoiceId,
    provider: &Arc<dyn Provider>,
    mandate: &str,
) -> Result<(), Error> {
    peers::workspace(service, workspace).await?;
    let Some(payment) = begun(service, workspace, id, provider).await? else { return Ok(()) };
    match order(service, workspace, provider, &payment, mandate).await {
        Err(Error::Provider(error @ Trouble::Refused(_))) => {
            tracing::warn!(error = &error as &dyn std::error::Error, %workspace, invoice = %id,
                "what a mandate was to pay is refused: its payer has to pay");
            given_up(service, workspace, &payment).await
        }
        ordered => ordered,
    }
}

/// Written down with its name before the provider is asked: whatever becomes of the answer, somebody looks after it, and cancels it
/// where the invoice was paid otherwise.
async fn begun(
    service: &Billing,
    workspace: WorkspaceId,
    id: InvoiceId,
    provider: &Arc<dyn Provider>,
) -> Result<Option<Payment>, Error> {
    let now = service.clock.now();
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    let amount = standing::of(&mut tx, workspace, id).await?.remaining;
    let is_ordered = payment::open(&mut tx, id, Method::PixAutomatic, now).await?.is_some();
    if invoice.status != Status::Open || amount <= 0 || is_ordered {
        return Ok(None);
    }
    let payment = PaymentId::from_uuid(service.ids.uuid());
    let payment = Payment {
        id: payment,
        invoice: id,
        provider: provider.name().to_owned(),
        method: Method::PixAutomatic,
        currency: invoice.currency,
        amount,
        reference: Some(provider.reference(payment, Method::PixAutomatic).ok_or(NO_NAME)?),
        instructions: Instructions::default(),
        expires_at: now + LONGEST,
    };
    payment::insert(service, &mut tx, &payment).await?;
    payment::opened(&mut tx, &payment, Some(now + FIRST_LOOK)).await?;
    tx.commit().await?;
    Ok(Some(payment))
}

/// The same payment again is the same order. Errors: [`Error::Provider`].
pub(crate) async fn order(
    service: &Billing,
    workspace: WorkspaceId,
    provider: &Arc<dyn Provider>,
    payment: &Payment,
    mandate: &str,
) -> Result<(), Error> {
    let found = match peers::workspace(service, workspace).await {
        // It was ordered while there was one: its invoice is owed.
        Err(Error::NoWorkspace) => peers::Workspace::gone(workspace),
        found => found?,
    };
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let invoice = row::one(&mut tx, workspace, payment.invoice).await?;
    let payer = details::read(&mut tx, workspace).await?.payer(&found);
    tx.commit().await?;
    let order = Order {
        payment: payment.id,
        method: payment.method,
        amount: payment.amount,
        currency: payment.currency.clone(),
        description: invoice.number.unwrap_or_default(),
        expires_at: payment.expires_at,
        payer,
        success_url: None,
        cancel_url: None,
        customer: None,
        mandate: Some(mandate.to_owned()),
        due_at: Some(invoice.due_at),
    };
    let expires_at = provider.create(&order).await?.expires_at.unwrap_or(payment.expires_at);
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    tx.execute(sql!("payment/ordered"), &[workspace.into(), payment.id.into(), expires_at.into()]).await?;
    Ok(tx.commit().await?)
}

async fn given_up(service: &Billing, workspace: WorkspaceId, payment: &Payment) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    // Whoever looks after it may have learned the same.
    if tx.execute(sql!("payment/refused"), &[workspace.into(), payment.id.into()]).await? > 0 {
        let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
        tell::not_taken(service, &call, &mut tx, payment.invoice, None).await?;
    }
    Ok(tx.commit().await?)
}
