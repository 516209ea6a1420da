//! Money has come for an invoice.

use super::{cancel, paid::paid, rest::rest_becomes_credits, row, state::Status};
use crate::{
    Billing, Error, credit,
    customer::lock,
    ledger::{Account, Posting, post, standing},
    payment,
    subscription::settled,
};
use chrono::{DateTime, Utc};
use proto::{Call, id::InvoiceId};
use store::{WorkspaceTx, sql};

/// What has come.
pub(crate) struct Receipt {
    /// Who holds it: the name of a provider, or `manual`.
    pub provider: String,
    /// Its name there, which no other money has.
    pub reference: String,
    pub amount: i64,
    /// What of it was charged because it is late, and was not owed before.
    pub surcharge: i64,
    pub currency: String,
    pub at: DateTime<Utc>,
}

impl Receipt {
    /// What the ledger keeps it under.
    pub fn source(&self) -> String {
        format!("received:{}:{}", self.provider, self.reference)
    }
}

/// Whether it is new: the same money is written down once, however often and by how many at once it is told. What an
/// invoice does not need, or cannot take any more, becomes credits. Errors: [`Error::NoInvoice`].
pub(crate) async fn settle(
    service: &Billing,
    call: &Call,
    tx: &mut WorkspaceTx,
    id: InvoiceId,
    receipt: &Receipt,
) -> Result<bool, Error> {
    lock(service, tx).await?;
    let workspace = tx.workspace();
    let known: Option<(String,)> =
        tx.fetch_optional(sql!("ledger/known"), &[workspace.into(), receipt.source().into()]).await?;
    if known.is_some() {
        return Ok(false);
    }
    let mut invoice = row::one(tx, workspace, id).await?;
    // Who paid in time has what they paid for, whenever we hear of it.
    let is_late = invoice.expires_at.is_some_and(|at| at <= receipt.at);
    if invoice.status == Status::Open && is_late {
        cancel::void(service, call, tx, &invoice).await?;
        settled::settled(service, call, tx, &invoice).await?;
        invoice = row::one(tx, workspace, id).await?;
    }
    let note = invoice.number.clone().unwrap_or_default();
    let posting = Posting::new("payment", receipt.source(), receipt.at).about(id).noted(note);
    let cash = Account::Cash(receipt.provider.clone());
    if invoice.status != Status::Open || invoice.currency != receipt.currency {
        let new = credit::New {
            category: credit::Category::Paid,
            currency: &receipt.currency,
            amount: receipt.amount,
            note: "it was paid for an invoice that was not open".to_owned(),
            invoice: Some(id),
            expires_at: None,
        };
        let (posting, _) = credit::grant(service, tx, posting, &cash, new).await?;
        return post(service, tx, posting).await;
    }
    let late = receipt.surcharge.clamp(0, receipt.amount);
    let posting = posting
        .of(id)
        .transfer(&cash, &Account::Receivable, &receipt.currency, receipt.amount - late)
        .transfer(&cash, &Account::Revenue("late"), &receipt.currency, late);
    post(service, tx, posting).await?;
    rest_becomes_credits(service, tx, id, &receipt.currency, "it was more than was owed").await?;
    match standing::of(tx, workspace, id).await?.remaining {
        0 => paid(service, call, tx, id).await?,
        _ => payment::hurry_taken(service, tx, Some(id)).await?,
    }
    Ok(true)
}
