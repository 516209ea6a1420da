//! That a customer has allowed once to be charged for each invoice.

use super::{Instructions, Payer};
use chrono::{DateTime, Utc};
use proto::id::MandateId;

/// What somebody is asked to allow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    /// Ours: the same again is the same mandate.
    pub id: MandateId,
    /// When we began to ask for it.
    pub since: DateTime<Utc>,
    /// `month` or `year`.
    pub interval: String,
    /// When the next invoice is due.
    pub first_at: DateTime<Utc>,
    /// What for, in a few words that the payer reads.
    pub description: String,
    /// Who pays.
    pub payer: Payer,
}

/// What the provider says of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreed {
    /// Under which the provider knows it.
    pub reference: String,
    /// Whether it has been allowed.
    pub status: MandateStatus,
    /// With what the payer allows it.
    pub instructions: Instructions,
}

/// Whether somebody has allowed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MandateStatus {
    /// Not yet.
    Pending,
    /// Yes.
    Active,
    /// No, or not any more.
    Ended,
}

impl MandateStatus {
    /// The name in answers and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Ended => "ended",
        }
    }
}
