//! Where money can be, in the books of one workspace.

use proto::id::CreditGrantId;
use std::fmt;

/// An account. Its text is what the ledger keeps, and must stay as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Account {
    /// What the customer owes.
    Receivable,
    /// What a provider of payments holds for us, or an operator has received (`manual`).
    Cash(String),
    /// What a provider has taken out of our account with it because of disputes that have no end yet.
    Disputed(String),
    /// What was earned: `plans`, `usage`, `late`, `other`; less `discounts`, what was given back (`credit_notes`) and lost (`disputes`).
    Revenue(&'static str),
    /// What of our prices is tax, for those that have it in them.
    IncludedTax,
    /// What is owed to a tax office.
    Tax(String),
    /// Credits that were sold and not paid yet.
    DeferredCredits,
    /// What is left of credits.
    Credits(CreditGrantId),
    /// Credits that nobody used in time.
    ExpiredCredits,
    /// Credits that were given away.
    Promotion,
}

impl Account {
    /// How the text of an account of credits begins.
    pub const CREDITS: &str = "credits:";
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receivable => f.write_str("receivable"),
            Self::Cash(provider) => write!(f, "cash:{provider}"),
            Self::Disputed(provider) => write!(f, "disputed:{provider}"),
            Self::Revenue(kind) => write!(f, "revenue:{kind}"),
            Self::IncludedTax => f.write_str("revenue:included_tax"),
            Self::Tax(name) => write!(f, "tax:{name}"),
            Self::DeferredCredits => f.write_str("deferred_credits"),
            Self::Credits(id) => write!(f, "credits:{id}"),
            Self::ExpiredCredits => f.write_str("expired_credits"),
            Self::Promotion => f.write_str("promotion"),
        }
    }
}
