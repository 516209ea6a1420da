//! What of Stripe's objects is read?

use super::{api::Listed, is_charge, is_name};
use crate::payment::{Received, State, Trouble};
use chrono::DateTime;
use proto::id::{PaymentId, WorkspaceId};
use serde::Deserialize;

/// A Checkout Session.
#[derive(Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) payment_status: Option<String>,
    /// Of an open one.
    pub(super) url: Option<String>,
    pub(super) expires_at: Option<i64>,
    pub(super) amount_total: Option<i64>,
    pub(super) currency: Option<String>,
    client_reference_id: Option<String>,
    metadata: Option<Metadata>,
    /// Since version 2022-08-01 there is none until somebody pays; before, an open session had one.
    payment_intent: Option<Link>,
}

/// A charge.
#[derive(Deserialize)]
pub(super) struct Charge {
    pub(super) id: String,
    status: Option<String>,
    #[serde(default)]
    captured: bool,
    #[serde(default)]
    amount_captured: i64,
    #[serde(default)]
    amount_refunded: i64,
    /// Whether there is, or was, a dispute of it.
    #[serde(default)]
    pub(super) disputed: bool,
    pub(super) currency: String,
    created: i64,
    metadata: Option<Metadata>,
    payment_intent: Option<Link>,
}

/// A refund.
#[derive(Deserialize)]
pub(super) struct Returned {
    id: String,
    pub(super) status: Option<String>,
    #[serde(default)]
    amount: i64,
    charge: Option<Link>,
    metadata: Option<Metadata>,
}

/// A customer. Of one that was deleted there is nothing but its name.
#[derive(Deserialize)]
pub(super) struct Account {
    pub(super) id: String,
    #[serde(default)]
    deleted: bool,
    metadata: Option<Metadata>,
}

/// What we have written at it.
#[derive(Deserialize)]
struct Metadata {
    workspace_id: Option<String>,
    payment_id: Option<String>,
    refund_id: Option<String>,
}

/// Another object: its name, or itself.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Link {
    Name(String),
    Whole { id: String },
}

impl Link {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Name(id) | Self::Whole { id } => id,
        }
    }
}

impl Account {
    pub(super) const fn is_usable(&self) -> bool {
        !self.deleted
    }

    /// Whether it can be used, and was made for this workspace: what is written at it says so, not who names it.
    pub(super) fn is_of(&self, workspace: WorkspaceId) -> bool {
        let noted = self.metadata.as_ref().and_then(|metadata| metadata.workspace_id.as_deref());
        self.is_usable() && noted == Some(workspace.to_string().as_str())
    }
}

impl Session {
    /// Whose it is: both places in which a payment is written have to name the same one. None for one that is none of ours.
    pub(super) fn payment(&self) -> Option<PaymentId> {
        let noted = self.metadata.as_ref()?.payment_id.as_deref()?;
        self.client_reference_id.as_deref().filter(|named| *named == noted)?.parse().ok()
    }

    /// Errors: [`Trouble::Unexpected`] for a session of another payment, or of somebody else.
    pub(super) fn belongs_to(&self, payment: PaymentId) -> Result<(), Trouble> {
        if self.payment() == Some(payment) {
            return Ok(());
        }
        Err(Trouble::Unexpected(format!("the session {} does not belong to the payment {payment}", self.id)))
    }

    /// The payment intent, which stands for all tries to pay.
    pub(super) fn intent(&self) -> Option<&str> {
        self.payment_intent.as_ref().map(Link::name).filter(|id| is_name(id, "pi_"))
    }

    /// Errors: [`Trouble::Unexpected`] for what is not known here.
    pub(super) fn state(&self) -> Result<State, Trouble> {
        match (self.status.as_deref(), self.payment_status.as_deref()) {
            (Some("open"), _) => Ok(State::Open),
            (Some("expired"), _) => Ok(State::Gone),
            (Some("complete"), Some("paid")) => Ok(State::Paid),
            // The money is on its way.
            (Some("complete"), Some("unpaid")) => Ok(State::Open),
            _ => Err(Trouble::Unexpected(format!("the session {} is in a state that is not known", self.id))),
        }
    }
}

impl Charge {
    /// Whose it says it is. The metadata of a payment intent is copied to its charges.
    pub(super) fn payment(&self) -> Option<PaymentId> {
        self.metadata.as_ref()?.payment_id.as_deref()?.parse().ok()
    }

    pub(super) fn intent(&self) -> Option<&str> {
        self.payment_intent.as_ref().map(Link::name).filter(|id| is_name(id, "pi_"))
    }

    /// As money that came; None when none came. Errors: [`Trouble::Unexpected`].
    pub(super) fn received(&self, reference: Option<&str>) -> Result<Option<Received>, Trouble> {
        if self.status.as_deref() != Some("succeeded") || !self.captured || self.amount_captured <= 0 {
            return Ok(None);
        }
        let at = DateTime::from_timestamp(self.created, 0);
        let at = at.ok_or_else(|| Trouble::Unexpected(format!("the charge {} was made at no time", self.id)))?;
        Ok(Some(Received {
            id: self.id.clone(),
            reference: reference.map(str::to_owned),
            amount: self.amount_captured,
            currency: self.currency.to_ascii_uppercase(),
            at,
            refunded: self.amount_refunded,
            ..Received::default()
        }))
    }
}

impl Returned {
    /// What of the charge it was to give back, and has not: such money is in our account again.
    pub(super) fn failed(&self) -> i64 {
        if matches!(self.status.as_deref(), Some("failed" | "canceled")) { self.amount } else { 0 }
    }

    pub(super) const fn amount(&self) -> i64 {
        self.amount
    }

    pub(super) fn charge(&self) -> Option<&str> {
        self.charge.as_ref().map(Link::name).filter(|id| is_charge(id))
    }

    /// Whether it is the refund of this id of ours.
    pub(super) fn is(&self, id: &str) -> bool {
        self.metadata.as_ref().and_then(|metadata| metadata.refund_id.as_deref()) == Some(id)
    }
}

impl Listed for Session {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Charge {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Listed for Returned {
    fn id(&self) -> &str {
        &self.id
    }
}
