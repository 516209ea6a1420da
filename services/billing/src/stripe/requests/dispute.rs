//! Calls about money that somebody wants back: disputes and refunds.

use super::{Ask, PAGE, ask, between};
use chrono::{DateTime, Utc};
use stripe_client_core::StripeRequest as _;
use stripe_core::{dispute::ListDispute, refund::ListRefund};

/// All disputes of a charge.
pub(in crate::stripe) fn disputes_of(charge: &str, after: Option<&str>) -> Ask {
    let request = ListDispute::new().charge(charge).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}

/// All disputes that were opened in a time.
pub(in crate::stripe) fn disputes(from: DateTime<Utc>, to: DateTime<Utc>, after: Option<&str>) -> Ask {
    let request = ListDispute::new().created(between(from, Some(to))).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}

/// All refunds that were made in a time.
pub(in crate::stripe) fn refunds(from: DateTime<Utc>, to: DateTime<Utc>, after: Option<&str>) -> Ask {
    let request = ListRefund::new().created(between(from, Some(to))).limit(PAGE);
    ask(after.map_or(request.clone(), |after| request.starting_after(after)).build())
}
