//! An invoice as it was closed. Its bytes never change, and whatever is shown of it (PDF, HTML, CSV) is made from them
//! alone: the same bytes are the same page.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What an invoice says. Amounts are in the smallest unit of its currency; texts by language have at least `en`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// Of this form: 1.
    pub version: u8,
    /// `inv_…`
    pub id: String,
    /// As the issuer counts, such as `PP-000042`.
    pub number: String,
    pub issued_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// In which dates are written: IANA.
    pub time_zone: String,
    /// ISO 4217.
    pub currency: String,
    pub issuer: Party,
    pub customer: Party,
    pub lines: Vec<Line>,
    pub taxes: Vec<Tax>,
    /// The sum of the lines.
    pub subtotal: i64,
    /// With the taxes that are not in the lines.
    pub total: i64,
    /// What credits have paid of it when it was closed.
    pub credits: i64,
    /// What was left to pay.
    pub amount_due: i64,
    /// How to pay it, by language; may be empty.
    #[serde(default)]
    pub payment_instructions: BTreeMap<String, String>,
    /// What else the issuer wishes to say, by language; may be empty.
    #[serde(default)]
    pub footer: BTreeMap<String, String>,
}

/// Who issues it, and who pays it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Party {
    pub name: String,
    pub email: Option<String>,
    /// Such as `CNPJ 12.ABC.345/01DE-35`, as it is shown.
    pub tax_id: Option<String>,
    /// Line by line, as on an envelope.
    pub address: Vec<String>,
}

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub kind: Kind,
    /// Of the plan it is about, by language; empty where it is about none.
    #[serde(default)]
    pub titles: BTreeMap<String, String>,
    pub period_start: Option<DateTime<Utc>>,
    pub period_end: Option<DateTime<Utc>>,
    pub quantity: i64,
    /// What one costs for a whole period; None where nothing is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_amount: Option<i64>,
    /// Below 0: given back.
    pub amount: i64,
    /// What an operator has written of it; of a discount, the promotion code.
    pub note: Option<String>,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// A plan for a period.
    Period,
    /// What is given back of a plan for the time that is left.
    UnusedTime,
    /// A plan for the time that is left.
    RemainingTime,
    /// Models called with the credentials of the platform.
    Usage,
    /// The same of earlier periods, which came to be known later.
    LateUsage,
    /// Credits that are bought.
    Credits,
    /// What is taken off the price of a plan; above 0, what was taken off of time that is given back.
    Discount,
    /// What an operator has written down.
    Manual,
}

impl Kind {
    /// The name in documents and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Period => "period",
            Self::UnusedTime => "unused_time",
            Self::RemainingTime => "remaining_time",
            Self::Usage => "usage",
            Self::LateUsage => "late_usage",
            Self::Credits => "credits",
            Self::Discount => "discount",
            Self::Manual => "manual",
        }
    }
}

/// A tax on the subtotal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tax {
    /// Such as `ISS`.
    pub name: String,
    /// In percent, such as `2.9`.
    pub rate: String,
    /// It is in the prices already.
    pub is_inclusive: bool,
    pub amount: i64,
}
