//! Money that customers want back from their banks.

use super::{Payment, Received};
use crate::{
    Billing, Error,
    customer::lock,
    ledger::{Account, Posting, post},
};
use chrono::{DateTime, Utc};
use store::{WorkspaceTx, sql};

/// A customer has told their bank that they did not pay this, or not for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// The provider's name for it, unique for ever.
    pub reference: String,
    /// Which money: [`Received::id`].
    pub received: String,
    /// What that was paid for: [`super::Known::reference`]; None for what is none of ours.
    pub paid: Option<String>,
    /// How much of it, in the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217.
    pub currency: String,
    /// How it stands.
    pub status: DisputeStatus,
    /// How much of it the provider has taken out of our account there, and not put back.
    pub withdrawn: i64,
    /// As the provider calls it, such as `fraudulent`.
    pub reason: String,
    /// Until when the provider takes what speaks against it.
    pub respond_by: Option<DateTime<Utc>>,
    /// When it began.
    pub at: DateTime<Utc>,
}

/// How a dispute stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeStatus {
    /// The bank only asks; no money has moved. An answer is waited for.
    Inquiry,
    /// An answer is waited for.
    NeedsResponse,
    /// The bank looks at it.
    UnderReview,
    /// The money stays ours, or comes back to us.
    Won,
    /// The money is gone.
    Lost,
}

/// What customers have got or want back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The money that it is about, whenever it had come.
    pub received: Vec<Received>,
    /// The disputes.
    pub disputes: Vec<Dispute>,
}

impl DisputeStatus {
    pub(crate) const ALL: [Self; 5] = [Self::Inquiry, Self::NeedsResponse, Self::UnderReview, Self::Won, Self::Lost];

    /// The name in answers and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inquiry => "inquiry",
            Self::NeedsResponse => "needs_response",
            Self::UnderReview => "under_review",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    /// The one with this name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl Dispute {
    /// Whether something may come of it still: its end, or the money after that.
    pub(super) const fn is_open(&self) -> bool {
        match self.status {
            DisputeStatus::Inquiry | DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => true,
            DisputeStatus::Won => self.withdrawn > 0,
            DisputeStatus::Lost => false,
        }
    }

    /// What is our loss of it.
    const fn lost(&self) -> i64 {
        match self.status {
            DisputeStatus::Lost => self.withdrawn,
            _ => 0,
        }
    }
}

store::row! {
    /// What the ledger says of a dispute.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub(super) struct Written {
        /// In how many transactions.
        transactions: i64,
        /// What the provider has taken.
        withdrawn: i64,
        /// What of that is given up.
        lost: i64,
    }
}

/// Writes down how a dispute stands, and moves in the ledger what the provider has moved since it was asked last. `asked_at`: when
/// the provider was asked; who was asked earlier knows less.
pub(super) async fn write(
    service: &Billing,
    tx: &mut WorkspaceTx,
    payment: &Payment,
    dispute: &Dispute,
    asked_at: DateTime<Utc>,
) -> Result<(), Error> {
    lock(service, tx).await?;
    let (workspace, provider) = (tx.workspace(), payment.provider.as_str());
    let known: Option<(String, DateTime<Utc>)> = tx
        .fetch_optional(sql!("dispute/get"), &[workspace.into(), provider.into(), dispute.reference.as_str().into()])
        .await?;
    if known.as_ref().is_some_and(|(_, before)| *before > asked_at) {
        return Ok(());
    }
    if known.as_ref().is_none_or(|(status, _)| status != dispute.status.as_str()) {
        let (reference, status) = (dispute.reference.as_str(), dispute.status.as_str());
        tracing::warn!(provider, reference, status, %workspace, invoice = %payment.invoice, "a payment is disputed");
    }
    let id = service.ids.uuid();
    let values = [
        workspace.into(),
        id.into(),
        provider.into(),
        dispute.reference.as_str().into(),
        payment.invoice.into(),
        payment.id.into(),
        dispute.received.as_str().into(),
        dispute.currency.as_str().into(),
        dispute.amount.into(),
        dispute.status.as_str().into(),
        dispute.reason.as_str().into(),
        dispute.respond_by.into(),
        dispute.at.into(),
        asked_at.into(),
    ];
    tx.execute(sql!("dispute/put"), &values).await?;
    moved(service, tx, payment, dispute).await
}

async fn moved(service: &Billing, tx: &mut WorkspaceTx, payment: &Payment, dispute: &Dispute) -> Result<(), Error> {
    let provider = &payment.provider;
    let prefix = format!("dispute:{provider}:{}:", dispute.reference);
    let values = [tx.workspace().into(), prefix.as_str().into()];
    let written: Written = tx.fetch_one(sql!("ledger/disputed"), &values).await?;
    // Of one dispute money can go and come several times; each time is a transaction of its own.
    let source = format!("{prefix}{}", written.transactions + 1);
    let (cash, disputed) = (Account::Cash(provider.clone()), Account::Disputed(provider.clone()));
    let posting = Posting::new("dispute", source, service.clock.now())
        .about(payment.invoice)
        .noted(dispute.status.as_str())
        .transfer(&disputed, &cash, &dispute.currency, dispute.withdrawn - written.withdrawn)
        .transfer(&Account::Revenue("disputes"), &disputed, &dispute.currency, dispute.lost() - written.lost);
    post(service, tx, posting).await.map(drop)
}

/// Whether the ledger says of a dispute what its provider says.
pub(super) fn agrees(dispute: &Dispute, status: &str, written: &Written) -> bool {
    status == dispute.status.as_str() && written.withdrawn == dispute.withdrawn && written.lost == dispute.lost()
}

impl Written {
    /// What the provider has taken.
    pub(super) const fn withdrawn(&self) -> i64 {
        self.withdrawn
    }
}
