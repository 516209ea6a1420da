//! What can go wrong in this service, and what its callers get to see of it.

use crate::{
    payment::{Trouble, Unverified},
    subscription::status::{Event, Status},
};
use proto::{Failure, Reason};
use std::time::Duration;

/// When it makes sense to begin to buy again, of what is counted over an hour.
const PURCHASES_AGAIN: Duration = Duration::from_secs(600);

/// Every failure of this service.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Settings that cannot be worked with.
    #[error("{0}")]
    Settings(String),
    /// The input is not accepted; the failure says field by field why.
    #[error("{0}")]
    Refused(Failure),
    /// There is no such workspace.
    #[error("there is no such workspace")]
    NoWorkspace,
    /// There is nothing that could be cancelled or resumed.
    #[error("this workspace has no subscription")]
    NoSubscription,
    /// There is no such invoice in this workspace.
    #[error("there is no such invoice")]
    NoInvoice,
    /// There is no such coupon.
    #[error("there is no such coupon")]
    NoCoupon,
    /// There is no such promotion code.
    #[error("there is no such promotion code")]
    NoPromotionCode,
    /// It cannot be done as things stand.
    #[error("{0}")]
    Conflict(&'static str),
    /// The provider of payments.
    #[error(transparent)]
    Provider(#[from] crate::payment::Trouble),
    /// More notifications than anybody sends who means well.
    #[error("too many notifications at once: send it again later")]
    TooMany,
    /// More purchases than anybody begins who means well.
    #[error(
        "this workspace has begun to buy too often within an hour: pay an invoice that is open, or try again later"
    )]
    TooManyPurchases,
    /// A notification that is not believed.
    #[error("{0}")]
    Unverified(crate::payment::Unverified),
    /// The workspace is on this plan already, and stays on it.
    #[error("this plan is in force already")]
    InForce,
    /// There is no way to pay here.
    #[error("this installation takes no payments, and the plan has to be paid")]
    NoPayments,
    /// There is no page of a provider.
    #[error(
        "this installation takes no cards, so there is no page to look after them: set billing.stripe to take them"
    )]
    NoPortal,
    /// Nobody can allow here to be charged.
    #[error("nobody can allow here that invoices are taken from their account: set billing.efi.automatic to offer it")]
    NoMandates,
    /// There is none.
    #[error("this workspace has not allowed anything to be taken from an account")]
    NoMandate,
    /// What was reported makes no sense now.
    #[error("{} is nothing that can happen to a subscription that is {}", .1.as_str(), .0.as_str())]
    Illegal(Status, Event),
    /// Somebody else has changed it in the meantime.
    #[error("somebody else has changed it at the same time: look at it, and try again")]
    Raced,
    /// What is kept cannot be read.
    #[error("what is kept of plans or subscriptions cannot be read: {0}")]
    Kept(&'static str),
    /// Another service.
    #[error("another service failed")]
    Peer(#[source] Box<tonic::Status>),
    /// The database.
    #[error("the database failed")]
    Store(#[from] store::Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let message = error.to_string();
        match error {
            Error::Refused(failure) => failure,
            Error::NoWorkspace | Error::NoInvoice | Error::NoCoupon | Error::NoPromotionCode | Error::NoMandate => {
                Reason::NotFound.with(message)
            }
            Error::NoSubscription | Error::InForce | Error::Raced | Error::Conflict(_) => {
                Reason::Conflict.with(message)
            }
            Error::NoPayments | Error::NoPortal | Error::NoMandates => Reason::PaymentsNotConfigured.with(message),
            Error::Illegal(status, _) => {
                let reported = status.events().filter(|event| Event::REPORTED.contains(event));
                let legal: Vec<_> = reported.map(Event::as_str).collect();
                Reason::Conflict.with(message).fact("status", status.as_str()).fact("events", legal.join(", "))
            }
            Error::TooMany => Reason::Overloaded.with(message),
            Error::TooManyPurchases => {
                Reason::RateLimited.with(message).fact("kind", "purchases").retry_after(PURCHASES_AGAIN)
            }
            Error::Unverified(why) => unverified(why).with(message),
            Error::Provider(trouble) => provider(&trouble),
            Error::Settings(_) | Error::Kept(_) => {
                tracing::error!(error = %message, "billing failed");
                Reason::Internal.with("internal error")
            }
            Error::Peer(status) => Failure::from(&*status),
            Error::Store(error) => error.into(),
        }
    }
}

fn unverified(why: Unverified) -> Reason {
    match why {
        Unverified::Unproved | Unverified::Late => Reason::PermissionDenied,
        Unverified::Malformed => Reason::InvalidArgument,
        Unverified::Unused => Reason::NotFound,
    }
}

/// What a provider said is for operators: it may be about their account there.
fn provider(trouble: &Trouble) -> Failure {
    match trouble {
        Trouble::Away(_) => {
            tracing::warn!(error = trouble as &dyn std::error::Error, "a provider of payments is away");
            Reason::ServiceUnavailable.with("the provider of payments does not answer: try again")
        }
        Trouble::Refused(_) | Trouble::Unsupported(_) => {
            tracing::warn!(error = trouble as &dyn std::error::Error, "a provider of payments refused");
            Reason::RefusedValue.with(trouble.to_string())
        }
        Trouble::Unknown | Trouble::Unexpected(_) => {
            tracing::error!(error = trouble as &dyn std::error::Error, "a provider of payments cannot be understood");
            Reason::Internal.with("the provider of payments answered something unexpected")
        }
    }
}

impl From<Error> for tonic::Status {
    fn from(error: Error) -> Self {
        match error {
            Error::Peer(status) => *status,
            error => Failure::from(error).into(),
        }
    }
}

/// A field that is well formed and not accepted.
pub(crate) fn refused(field: impl Into<String>, problem: impl Into<String>) -> Error {
    let (field, problem) = (field.into(), problem.into());
    Error::Refused(Reason::RefusedValue.with(format!("{field} {problem}")).field(field, problem))
}
