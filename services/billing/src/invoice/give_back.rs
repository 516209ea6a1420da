//! Has a provider give back what was paid for an invoice.

use super::{row, tell};
use crate::{
    Billing, Error,
    customer::lock,
    ledger::standing,
    payment::{self, Known, Payment, Provider, Refund, RefundStatus, Trouble, look},
};
use chrono::TimeDelta;
use proto::{
    Call,
    id::{InvoiceId, PaymentId, WorkspaceId},
};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use store::{WorkspaceTx, sql};

/// How soon a provider is asked again what has become of a refund that is on its way.
const PENDING: TimeDelta = TimeDelta::hours(1);

store::row! {
    /// Money that a provider has received for an invoice.
    struct Receipt {
        source: String,
        amount: i64,
        refunded: i64,
    }
}

store::row! {
    /// What a provider is asked for.
    struct Asked {
        refund_id: String,
        payment_id: PaymentId,
        received: String,
        amount: i64,
    }
}

/// One payment of it, or a part, is given back, and is in the ledger when the provider says so. `source` tells this request
/// from others: the same again is the same refund. Whether it was asked for before. Errors: [`Error::Conflict`],
/// [`Error::Provider`].
pub(super) async fn give_back(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    id: InvoiceId,
    amount: i64,
    source: &str,
) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let kept = known(&mut tx, source).await?;
    tx.commit().await?;
    let is_known = kept.is_some();
    let asked = match kept {
        Some(asked) if amount != 0 && asked.amount != amount => {
            return Err(Error::Conflict("another amount was given back under this idempotency key"));
        }
        Some(asked) => asked,
        None => begin(service, call, workspace, id, amount, source).await?,
    };
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let payment = payment::one(&mut tx, workspace, asked.payment_id).await?;
    tx.commit().await?;
    let payment = payment.ok_or(Error::Kept("the payment of a refund"))?;
    ask(service, workspace, &payment, asked).await?;
    Ok(is_known)
}

async fn known(tx: &mut WorkspaceTx, source: &str) -> Result<Option<Asked>, Error> {
    let values = [tx.workspace().into(), source.into()];
    Ok(tx.fetch_optional(sql!("refund/get"), &values).await?)
}

/// Chooses the money, the newest first, and writes down what is going to be asked for.
async fn begin(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    id: InvoiceId,
    wished: i64,
    source: &str,
) -> Result<Asked, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    row::one(&mut tx, workspace, id).await?;
    let receipts: Vec<Receipt> = tx.fetch_all(sql!("ledger/receipts"), &[workspace.into(), id.into()]).await?;
    let payments = payment::of_invoice(&mut tx, workspace, id).await?;
    let paid = standing::of(&mut tx, workspace, id).await?.paid;
    tx.commit().await?;
    let none = || {
        Error::Conflict(
            "no single payment through a provider has that much left: give back less, or one after the other",
        )
    };
    for receipt in receipts.iter().filter(|receipt| receipt.amount > receipt.refunded) {
        let left = receipt.amount - receipt.refunded;
        let amount = if wished == 0 { left.min(paid) } else { wished };
        if !(1..=left.min(paid)).contains(&amount) {
            continue;
        }
        let (provider, received) = receipt.name();
        let Some(payment) = through(service, &payments, provider, received).await? else { continue };
        // Letters and digits, at most 35: what all providers take.
        let refund_id = hex::encode(&Sha256::digest(format!("{workspace}:{source}"))[..16]);
        let asked = Asked { refund_id, payment_id: payment.id, received: received.to_owned(), amount };
        return write(service, call, workspace, id, source, asked).await;
    }
    Err(none())
}

/// The payment that brought some money: its provider says so, as several may be open for one invoice.
async fn through<'a>(
    service: &Billing,
    payments: &'a [Payment],
    provider: &str,
    received: &str,
) -> Result<Option<&'a Payment>, Error> {
    for payment in payments.iter().filter(|payment| payment.provider == provider) {
        let (provider, known) = at_provider(service, payment)?;
        let all = match provider.look(&known).await {
            Ok(truth) => truth.received,
            // Its order never arrived.
            Err(Trouble::Unknown) => continue,
            Err(trouble) => return Err(trouble.into()),
        };
        if all.iter().any(|money| money.id == received) {
            return Ok(Some(payment));
        }
    }
    Ok(None)
}

async fn write(
    service: &Billing,
    call: &Call,
    workspace: WorkspaceId,
    id: InvoiceId,
    source: &str,
    asked: Asked,
) -> Result<Asked, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let values = [
        workspace.into(),
        source.into(),
        asked.refund_id.as_str().into(),
        id.into(),
        asked.payment_id.into(),
        asked.received.as_str().into(),
        asked.amount.into(),
        service.clock.now().into(),
    ];
    if tx.execute(sql!("refund/insert"), &values).await? > 0 {
        tell::refund_requested(service, call, &mut tx, id, asked.amount).await?;
    }
    // Of two at once, both ask for what was written down first.
    let kept = known(&mut tx, source).await?;
    tx.commit().await?;
    Ok(kept.unwrap_or(asked))
}

async fn ask(service: &Billing, workspace: WorkspaceId, payment: &Payment, asked: Asked) -> Result<(), Error> {
    let (provider, known) = at_provider(service, payment)?;
    let refund = Refund {
        id: asked.refund_id,
        received: asked.received,
        reference: known.reference,
        method: payment.method,
        amount: asked.amount,
        currency: payment.currency.clone(),
    };
    let status = provider.refund(&refund).await?;
    if status == RefundStatus::Failed {
        // Where it had begun to, that is in the books.
        look::one(service, workspace, payment.id).await?;
        return Err(Error::Conflict("the provider could not give it back: what it had taken for it is credits now"));
    }
    look::one(service, workspace, payment.id).await?;
    if status == RefundStatus::Pending {
        let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
        let at = service.clock.now() + PENDING;
        tx.execute(sql!("payment/look_at"), &[workspace.into(), payment.id.into(), at.into()]).await?;
        tx.commit().await?;
    }
    Ok(())
}

fn at_provider<'a>(service: &'a Billing, payment: &Payment) -> Result<(&'a Arc<dyn Provider>, Known), Error> {
    let provider = service.providers.iter().find(|provider| provider.name() == payment.provider);
    let gone = || Error::Conflict("the provider of this payment is not used here any more");
    let (provider, reference) = provider.zip(payment.reference.clone()).ok_or_else(gone)?;
    Ok((provider, Known { payment: payment.id, method: payment.method, reference }))
}

impl Receipt {
    /// Through whom it came, and what they call it.
    fn name(&self) -> (&str, &str) {
        let rest = self.source.strip_prefix("received:").unwrap_or_default();
        rest.split_once(':').unwrap_or_default()
    }
}
