//! A new subscription.

use super::{
    state::{Collection, Money, Subscription},
    status::Status,
};
use crate::money::Anchor;
use chrono::{DateTime, Days, Utc};
use proto::{billing::Plan, id::SubscriptionId};

/// One that begins at its anchor: with a trial of some days, or with its first period.
pub(super) fn begin(
    id: SubscriptionId,
    plan: &Plan,
    price: Option<Money>,
    anchor: Anchor,
    trial_days: i32,
) -> Subscription {
    let mut subscription = Subscription {
        id,
        plan: plan.name.clone(),
        version: plan.version,
        status: Status::Active,
        price,
        quantity: 1,
        discount: None,
        taken: None,
        anchor,
        periods: 0,
        start: anchor.at,
        end: anchor.at,
        trial_end: None,
        past_due_at: None,
        cancel_at_period_end: false,
        scheduled: None,
        collection: Collection::External,
        payment_due: None,
        pending: None,
        created_at: anchor.at,
        ended_at: None,
    };
    match trial_end(anchor, trial_days) {
        Some(end) => {
            subscription.status = Status::Trialing;
            (subscription.end, subscription.trial_end) = (end, Some(end));
        }
        None => subscription.period_from(anchor),
    }
    subscription
}

/// When a trial that begins at the anchor is over, by the customer's clock; None without one.
pub(super) fn trial_end(anchor: Anchor, days: i32) -> Option<DateTime<Utc>> {
    let days = u64::try_from(days).ok().filter(|days| *days > 0)?;
    anchor.at.with_timezone(&anchor.zone).checked_add_days(Days::new(days)).map(|end| end.to_utc())
}
