//! An invoice as this service works with it.

use super::{
    document::{Document, Line},
    usage::Charged,
};
use crate::{Error, subscription::state::Scheduled};
use chrono::{DateTime, Utc};
use proto::id::{InvoiceId, SubscriptionId};

/// One invoice. What it says once it is closed is its document.
#[derive(Clone, Debug)]
pub(crate) struct Invoice {
    pub id: InvoiceId,
    pub subscription: Option<SubscriptionId>,
    pub number: Option<String>,
    pub status: Status,
    pub reason: Reason,
    pub currency: String,
    /// Until it is closed.
    pub lines: Vec<Line>,
    /// The bytes that were closed, and their SHA-256.
    pub document: Option<(String, String)>,
    pub total: i64,
    /// What comes into force when it is paid.
    pub change: Option<Scheduled>,
    /// Which usage it charges.
    pub usage: Option<Charged>,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub finalized_at: Option<DateTime<Utc>>,
    pub paid_at: Option<DateTime<Utc>>,
    pub voided_at: Option<DateTime<Utc>>,
}

/// What an invoice is, as Stripe calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It may change, and is not shown to customers.
    Draft,
    /// It is owed.
    Open,
    /// Nothing is left to pay.
    Paid,
    /// It was taken back.
    Void,
}

/// Why there is an invoice, as Stripe calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// The first period of a subscription.
    Create,
    /// The next one.
    Cycle,
    /// Another plan.
    Update,
    /// Anything else, such as credits.
    Manual,
}

impl Invoice {
    /// What was closed. Errors: [`Error::NoInvoice`] for a draft, which is none yet; [`Error::Kept`].
    pub fn document(&self) -> Result<Document, Error> {
        let (text, _) = self.document.as_ref().ok_or(Error::NoInvoice)?;
        serde_json::from_str(text).map_err(|_| Error::Kept("what an invoice says"))
    }
}

impl Status {
    const ALL: [Self; 4] = [Self::Draft, Self::Open, Self::Paid, Self::Void];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Void => "void",
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

impl Reason {
    const ALL: [Self; 4] = [Self::Create, Self::Cycle, Self::Update, Self::Manual];

    /// The name in the database and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Create => "subscription_create",
            Self::Cycle => "subscription_cycle",
            Self::Update => "subscription_update",
            Self::Manual => "manual",
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}
