//! What does time do to a subscription? Without a clock and without a database: the same subscription and the same time
//! are the same result, however often and in however many steps.

use super::{
    state::{Money, Scheduled, Subscription},
    status::{Event, Status},
};
use crate::money::Anchor;
use chrono::{DateTime, TimeDelta, Utc};

#[derive(Clone, Copy)]
enum Due {
    PeriodOver,
    GraceOver,
}

/// Brings it to `now`, moment after moment. Whether anything has changed.
pub(super) fn advance(subscription: &mut Subscription, now: DateTime<Utc>, grace: TimeDelta) -> bool {
    let mut changed = false;
    while let Some((at, due)) = next(subscription, grace).filter(|(at, _)| *at <= now) {
        match due {
            Due::PeriodOver => period_over(subscription, at),
            Due::GraceOver => happens(subscription, Event::GivenUp, at),
        }
        changed = true;
    }
    changed
}

/// When time changes it next; None: never.
pub(super) fn due(subscription: &Subscription, grace: TimeDelta) -> Option<DateTime<Utc>> {
    next(subscription, grace).map(|(at, _)| at)
}

fn next(subscription: &Subscription, grace: TimeDelta) -> Option<(DateTime<Utc>, Due)> {
    if subscription.is_over() || subscription.status == Status::Paused {
        return None;
    }
    let period = (subscription.end < DateTime::<Utc>::MAX_UTC).then_some((subscription.end, Due::PeriodOver));
    let late = subscription.past_due_at.and_then(|since| since.checked_add_signed(grace));
    let late = late.map(|at| (at, Due::GraceOver));
    // Where both are due at once the period ends first: it may end the subscription.
    period.into_iter().chain(late).min_by_key(|(at, _)| *at)
}

fn period_over(subscription: &mut Subscription, at: DateTime<Utc>) {
    if subscription.cancel_at_period_end {
        happens(subscription, Event::Cancelled, at);
        return;
    }
    let mut anchor = subscription.anchor;
    let mut is_new = false;
    if subscription.status == Status::Trialing {
        happens(subscription, Event::TrialOver, at);
        (anchor, is_new) = (Anchor { at, ..anchor }, true);
    }
    if let Some(Scheduled { plan, version, interval, amount }) = subscription.scheduled.take() {
        (subscription.plan, subscription.version) = (plan, version);
        subscription.price = subscription.price.take().map(|Money { currency, .. }| Money { currency, amount });
        if interval != anchor.interval {
            (anchor, is_new) = (Anchor { at, interval, ..anchor }, true);
        }
    }
    if is_new {
        subscription.period_from(anchor);
        return;
    }
    subscription.periods = subscription.periods.saturating_add(1);
    subscription.start = at;
    let end = subscription.periods.checked_add(1).and_then(|n| anchor.end_of(n));
    subscription.end = end.unwrap_or(DateTime::<Utc>::MAX_UTC);
}

/// What the table allows whenever time brings it; a row that says otherwise stays as it is.
fn happens(subscription: &mut Subscription, event: Event, at: DateTime<Utc>) {
    if let Err(error) = subscription.happens(event, at) {
        // It must not be due for ever.
        (subscription.past_due_at, subscription.cancel_at_period_end) = (None, false);
        tracing::error!(error = %error, "time brought what cannot happen");
    }
}

#[cfg(test)]
mod tests;
