//! New credits.

use crate::{
    Billing, Error,
    ledger::{Account, Posting},
};
use chrono::{DateTime, Utc};
use proto::id::{CreditGrantId, InvoiceId};
use store::{WorkspaceTx, sql};

/// Where credits come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    /// They are the customer's money.
    Paid,
    /// They were given away.
    Promotional,
}

/// Credits that are about to be there.
pub(crate) struct New<'a> {
    pub category: Category,
    pub currency: &'a str,
    pub amount: i64,
    pub note: String,
    pub invoice: Option<InvoiceId>,
    pub expires_at: Option<DateTime<Utc>>,
}

impl Category {
    /// As Stripe calls it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Promotional => "promotional",
        }
    }
}

/// Makes them, and adds to the posting the transfer that fills them from an account.
pub(crate) async fn grant(
    service: &Billing,
    tx: &mut WorkspaceTx,
    posting: Posting,
    from: &Account,
    new: New<'_>,
) -> Result<(Posting, CreditGrantId), Error> {
    let id = CreditGrantId::from_uuid(service.ids.uuid());
    let values = [
        tx.workspace().into(),
        id.into(),
        new.category.as_str().into(),
        new.currency.into(),
        new.amount.into(),
        new.note.into(),
        new.invoice.into(),
        service.clock.now().into(),
        new.expires_at.into(),
    ];
    tx.execute(sql!("credit/insert"), &values).await?;
    Ok((posting.transfer(from, &Account::Credits(id), new.currency, new.amount), id))
}
