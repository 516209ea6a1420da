//! Ways of paying, as the database keeps them.

use super::{Instructions, Method};
use crate::{Billing, Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{InvoiceId, PaymentId, WorkspaceId};
use serde_json::{Value, json};
use store::{Tx, WorkspaceTx, sql};

/// A way of paying one invoice.
#[derive(Clone, Debug)]
pub(crate) struct Payment {
    pub id: PaymentId,
    pub invoice: InvoiceId,
    pub provider: String,
    pub method: Method,
    pub currency: String,
    pub amount: i64,
    /// The provider's name for it; None until it has made it.
    pub reference: Option<String>,
    pub instructions: Instructions,
    pub expires_at: DateTime<Utc>,
}

store::row! {
    struct Row {
        payment_id: PaymentId,
        invoice_id: InvoiceId,
        provider: String,
        method: String,
        currency: String,
        amount: i64,
        reference: Option<String>,
        instructions: Value,
        expires_at: DateTime<Utc>,
    }
}

impl Row {
    fn read(self) -> Result<Payment, Error> {
        Ok(Payment {
            id: self.payment_id,
            invoice: self.invoice_id,
            provider: self.provider,
            method: Method::parse(&self.method).ok_or(Error::Kept("the method of a payment"))?,
            currency: self.currency,
            amount: self.amount,
            reference: self.reference,
            instructions: serde_json::from_value(self.instructions).map_err(|_| Error::Kept("a payment"))?,
            expires_at: self.expires_at,
        })
    }
}

/// A new one, of which the provider may know nothing yet.
pub(crate) async fn insert(service: &Billing, tx: &mut WorkspaceTx, payment: &Payment) -> Result<(), Error> {
    let values = [
        tx.workspace().into(),
        payment.id.into(),
        payment.invoice.into(),
        payment.provider.as_str().into(),
        payment.method.as_str().into(),
        payment.currency.as_str().into(),
        payment.amount.into(),
        json!(payment.instructions).into(),
        service.clock.now().into(),
        payment.expires_at.into(),
    ];
    tx.execute(sql!("payment/insert"), &values).await.map(drop).map_err(Error::from)
}

/// The provider has made it; false where somebody else has written that down. `look_at`: when it is asked what has become of it; None: never, as it knows nothing of it.
pub(crate) async fn opened(
    tx: &mut WorkspaceTx,
    payment: &Payment,
    look_at: Option<DateTime<Utc>>,
) -> Result<bool, Error> {
    let values = [
        tx.workspace().into(),
        payment.id.into(),
        payment.reference.clone().into(),
        json!(payment.instructions).into(),
        payment.expires_at.into(),
        look_at.into(),
    ];
    Ok(tx.execute(sql!("payment/opened"), &values).await? > 0)
}

/// The one of this invoice and method that can be used still.
pub(crate) async fn open(
    tx: &mut WorkspaceTx,
    invoice: InvoiceId,
    method: Method,
    now: DateTime<Utc>,
) -> Result<Option<Payment>, Error> {
    let values = [tx.workspace().into(), invoice.into(), method.as_str().into(), now.into()];
    let row: Option<Row> = tx.fetch_optional(sql!("payment/open"), &values).await?;
    row.map(Row::read).transpose()
}

/// Those of an invoice that are open are asked for at once, if they are not going to be anyway.
pub(crate) async fn hurry(service: &Billing, tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<(), Error> {
    let now = service.clock.now();
    let soon = now + TimeDelta::minutes(1);
    let values = [tx.workspace().into(), invoice.into(), now.into(), soon.into()];
    tx.execute(sql!("payment/hurry"), &values).await.map(drop).map_err(Error::from)
}

/// What mandates pay of an invoice, or of all of the workspace, is looked at: it may be wanted no more, or be another amount.
pub(crate) async fn hurry_taken(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: Option<InvoiceId>,
) -> Result<(), Error> {
    let values = [tx.workspace().into(), invoice.into(), service.clock.now().into()];
    tx.execute(sql!("payment/hurry_taken"), &values).await.map(drop).map_err(Error::from)
}

/// Whether an invoice may still be paid through one of them.
pub(crate) async fn is_any_open(tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<bool, Error> {
    let values = [tx.workspace().into(), invoice.into()];
    let (open,): (i64,) = tx.fetch_one(sql!("payment/count_open"), &values).await?;
    Ok(open > 0)
}

/// All that were opened for an invoice, the newest first.
pub(crate) async fn of_invoice(tx: &mut Tx, workspace: WorkspaceId, invoice: InvoiceId) -> Result<Vec<Payment>, Error> {
    let rows: Vec<Row> = tx.fetch_all(sql!("payment/of_invoice"), &[workspace.into(), invoice.into()]).await?;
    rows.into_iter().map(Row::read).collect()
}

/// One of them. None where there is none.
pub(crate) async fn one(tx: &mut Tx, workspace: WorkspaceId, id: PaymentId) -> Result<Option<Payment>, Error> {
    let row: Option<Row> = tx.fetch_optional(sql!("payment/get"), &[workspace.into(), id.into()]).await?;
    row.map(Row::read).transpose()
}

/// Nobody is to pay this invoice any more: the providers are told, and asked once more what has come.
pub(crate) async fn close(service: &Billing, tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<(), Error> {
    let values = [tx.workspace().into(), invoice.into(), service.clock.now().into()];
    tx.execute(sql!("payment/close"), &values).await.map(drop).map_err(Error::from)
}
