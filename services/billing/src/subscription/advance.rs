//! What does time do to a subscription? Without a clock and without a database: the same subscription and the same time
//! are the same result, however often and in however many steps.

use super::{
    state::{Collection, Money, PENDING_LINGERS, Renewal, Scheduled, Subscription, Terms},
    status::{Event, Status},
};
use crate::money::Anchor;
use chrono::{DateTime, Utc};

#[derive(Clone, Copy)]
enum Due {
    PeriodOver,
    PendingOver,
    PaymentLate,
    GraceOver,
}

/// What has happened meanwhile.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Passed {
    pub has_changed: bool,
    /// Periods that have begun and have to be paid, in their order.
    pub renewals: Vec<Renewal>,
}

/// Brings it to `now`, moment after moment.
pub(super) fn advance(subscription: &mut Subscription, now: DateTime<Utc>, terms: &Terms) -> Passed {
    let mut passed = Passed::default();
    while let Some((at, due)) = next(subscription, terms).filter(|(at, _)| *at <= now) {
        match due {
            Due::PeriodOver => passed.renewals.extend(period_over(subscription, at, terms)),
            Due::PendingOver => subscription.pending = None,
            Due::PaymentLate => {
                subscription.payment_due = None;
                happens(subscription, Event::PaymentFailed, at);
            }
            Due::GraceOver => happens(subscription, Event::GivenUp, at),
        }
        passed.has_changed = true;
    }
    passed
}

/// When time changes it next; None: never.
pub(super) fn due(subscription: &Subscription, terms: &Terms) -> Option<DateTime<Utc>> {
    next(subscription, terms).map(|(at, _)| at)
}

fn next(subscription: &Subscription, terms: &Terms) -> Option<(DateTime<Utc>, Due)> {
    if subscription.is_over() || subscription.status == Status::Paused {
        return None;
    }
    let period = (subscription.end < DateTime::<Utc>::MAX_UTC).then_some((subscription.end, Due::PeriodOver));
    let pending = subscription.pending.as_ref().map(|pending| {
        // With the next period other things are owed.
        let at = (pending.expires_at + PENDING_LINGERS).min(subscription.end.max(pending.expires_at));
        (at, Due::PendingOver)
    });
    let late = subscription.payment_due.map(|at| (at, Due::PaymentLate));
    let grace = subscription.past_due_at.and_then(|since| since.checked_add_signed(terms.grace));
    let grace = grace.map(|at| (at, Due::GraceOver));
    // Where several are due at once the period ends first: it may end the subscription.
    [period, pending, late, grace].into_iter().flatten().min_by_key(|(at, _)| *at)
}

fn period_over(subscription: &mut Subscription, at: DateTime<Utc>, terms: &Terms) -> Option<Renewal> {
    // Nobody goes on asking for money for what is not in force.
    let is_given_up = subscription.status == Status::Unpaid && subscription.collection == Collection::Invoice;
    if subscription.cancel_at_period_end || is_given_up {
        let closing = subscription.closing(at, terms);
        happens(subscription, Event::Cancelled, at);
        return closing;
    }
    let used = subscription.used(at);
    next_period(subscription, at);
    subscription.renewal(terms).map(|renewal| Renewal { used, ..renewal })
}

fn next_period(subscription: &mut Subscription, at: DateTime<Utc>) {
    subscription.forget_discounts(at);
    let mut anchor = subscription.anchor;
    let mut is_new = false;
    if subscription.status == Status::Trialing {
        happens(subscription, Event::TrialOver, at);
        (anchor, is_new) = (Anchor { at, ..anchor }, true);
    }
    if let Some(Scheduled { plan, version, interval, amount, quantity }) = subscription.scheduled.take() {
        (subscription.plan, subscription.version, subscription.quantity) = (plan, version, quantity);
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
        (subscription.past_due_at, subscription.cancel_at_period_end, subscription.payment_due) = (None, false, None);
        tracing::error!(error = %error, "time brought what cannot happen");
    }
}

#[cfg(test)]
mod tests;
