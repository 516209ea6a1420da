//! Has a provider give back what was paid for an invoice.

use super::row;
use crate::{
    Billing, Error,
    payment::{self, Refund, RefundStatus, look},
};
use proto::id::{InvoiceId, WorkspaceId};
use sha2::{Digest as _, Sha256};
use store::{WorkspaceTx, sql};

store::row! {
    /// Money that a provider has received for an invoice.
    struct Receipt {
        source: String,
        currency: String,
        amount: i64,
        refunded: i64,
    }
}

/// The providers are asked, the newest money first, and what they have given back is in the ledger when they say so. `source`
/// tells this request from others: the same again is the same refund. Errors: [`Error::Conflict`], [`Error::Provider`].
pub(super) async fn give_back(
    service: &Billing,
    workspace: WorkspaceId,
    id: InvoiceId,
    amount: i64,
    source: &str,
) -> Result<(), Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    row::one(&mut tx, workspace, id).await?;
    let receipts: Vec<Receipt> = tx.fetch_all(sql!("ledger/receipts"), &[workspace.into(), id.into()]).await?;
    let payments = payment::of_invoice(&mut tx, workspace, id).await?;
    tx.commit().await?;
    let mut parts = vec![];
    let mut rest = amount;
    for receipt in &receipts {
        let part = (receipt.amount - receipt.refunded).min(rest);
        let through = payments.iter().find(|payment| receipt.is_through(&payment.provider)).filter(|_| part > 0);
        parts.extend(through.map(|payment| (payment, receipt, part)));
        rest -= through.map_or(0, |_| part);
    }
    if rest > 0 {
        return Err(Error::Conflict("less than that was paid through a provider for this invoice"));
    }
    for (payment, receipt, part) in parts {
        refund(service, workspace, payment, receipt, part, source).await?;
    }
    Ok(())
}

async fn refund(
    service: &Billing,
    workspace: WorkspaceId,
    of: &payment::Payment,
    receipt: &Receipt,
    amount: i64,
    source: &str,
) -> Result<(), Error> {
    let provider = service.providers.iter().find(|provider| provider.name() == of.provider);
    let (Some(provider), Some(reference)) = (provider, of.reference.clone()) else {
        return Err(Error::Conflict("the provider of this payment is not used here any more"));
    };
    let received = receipt.source.splitn(3, ':').nth(2).unwrap_or_default().to_owned();
    // Letters and digits, at most 35: what all providers take.
    let id = hex::encode(&Sha256::digest(format!("{source}:{received}"))[..16]);
    let currency = receipt.currency.clone();
    let asked = Refund { id, received, reference, method: of.method, amount, currency };
    match provider.refund(&asked).await? {
        RefundStatus::Failed => Err(Error::Conflict("the provider could not give it back")),
        RefundStatus::Pending | RefundStatus::Done => look::one(service, workspace, of.id).await,
    }
}

impl Receipt {
    fn is_through(&self, provider: &str) -> bool {
        self.source
            .strip_prefix("received:")
            .and_then(|rest| rest.strip_prefix(provider))
            .is_some_and(|rest| rest.starts_with(':'))
    }
}
