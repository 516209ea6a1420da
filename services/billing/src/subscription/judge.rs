//! What does it mean to move to another plan? What costs more is in force at once and pays for the time that is left;
//! what costs less comes with the next period, which has been paid.

use super::{
    begin::trial_end,
    state::{Collection, Money, Subscription},
    status::Status,
};
use crate::{
    Error,
    error::refused,
    money::{Anchor, Interval, part},
    plan::cost,
};
use chrono::{DateTime, Utc};
use proto::{
    billing::{Line, Plan},
    time::to_proto,
};

/// What somebody wishes.
pub(super) struct Wish<'a> {
    /// The plan as it is now.
    pub plan: &'a Plan,
    pub anchor: Anchor,
    pub currency: &'a str,
    /// `billing.default_plan`.
    pub default: &'a str,
    /// What is in force where there is no subscription.
    pub in_force: &'a str,
}

/// What it means.
#[derive(Debug)]
pub(super) struct Change {
    pub kind: Kind,
    /// When it would be in force.
    pub at: DateTime<Utc>,
    pub lines: Vec<Line>,
    /// The price of the new plan.
    pub price: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It must be paid first.
    Upgrade,
    /// It costs nothing.
    Free,
    /// It may be tried for nothing, once.
    Trial,
    /// With the next period.
    Downgrade,
    /// Back to the default plan, with the end of the period.
    Cancel,
}

/// Errors: [`Error::InForce`], [`Error::Refused`].
pub(super) fn judge(subscription: Option<&Subscription>, wish: &Wish<'_>) -> Result<Change, Error> {
    if wish.plan.is_hidden {
        return Err(refused("plan", "is no plan that is offered: GET /api/v1/plans has those"));
    }
    // What was never paid for was never in force.
    let live = subscription.filter(|live| !live.is_over() && live.status != Status::Incomplete);
    match live {
        Some(live) => of_live(live, wish),
        None => of_none(subscription.is_some(), wish),
    }
}

fn of_none(had_one: bool, wish: &Wish<'_>) -> Result<Change, Error> {
    if wish.plan.name == wish.in_force {
        return Err(Error::InForce);
    }
    let price = money(wish)?;
    let (now, amount) = (wish.anchor.at, price.amount);
    let trial = trial_end(wish.anchor, wish.plan.trial_days).filter(|_| !had_one && amount > 0);
    let kind = match trial {
        Some(_) => Kind::Trial,
        None if amount == 0 => Kind::Free,
        None => Kind::Upgrade,
    };
    let paid = Anchor { at: trial.unwrap_or(now), ..wish.anchor };
    Ok(Change { kind, at: now, lines: vec![period(wish, paid, amount)], price })
}

fn of_live(live: &Subscription, wish: &Wish<'_>) -> Result<Change, Error> {
    let now = wish.anchor.at;
    if wish.plan.name == wish.default && live.plan != wish.default {
        let price = Money { currency: wish.currency.to_owned(), amount: 0 };
        return Ok(Change { kind: Kind::Cancel, at: live.end, lines: vec![], price });
    }
    let (old, new) = (live.anchor.interval, wish.anchor.interval);
    if wish.plan.name == live.plan && new == old {
        return Err(Error::InForce);
    }
    let price = money(wish)?;
    let paid = live.price.as_ref().map_or(0, |price| price.amount);
    // Who only tries it has agreed to pay for nothing, also not for what costs less.
    let is_only_trying = live.status == Status::Trialing && live.cancel_at_period_end && price.amount > 0;
    if !is_only_trying && cost::yearly(price.amount, new) <= cost::yearly(paid, old) {
        let next = Anchor { at: live.end, ..wish.anchor };
        let kind = if price.amount == 0 && paid == 0 { Kind::Free } else { Kind::Downgrade };
        let at = if kind == Kind::Free { now } else { live.end };
        return Ok(Change { kind, at, lines: vec![period(wish, next, price.amount)], price });
    }
    match live.status {
        Status::PastDue | Status::Unpaid => return Err(Error::Conflict("a payment is late: pay what is owed first")),
        Status::Paused => return Err(Error::Conflict("the subscription is paused")),
        // What is given back of a period must have been paid.
        _ if live.payment_due.is_some() => {
            return Err(Error::Conflict("the invoice of this period is open: pay it first"));
        }
        Status::Incomplete | Status::Trialing | Status::Active | Status::Cancelled => {}
    }
    Ok(Change { kind: Kind::Upgrade, at: now, lines: upgrade(live, wish, paid, price.amount), price })
}

/// What is given back of the old plan, and what the new one costs for the same time or, with another interval, for a
/// period of its own.
fn upgrade(live: &Subscription, wish: &Wish<'_>, paid: i64, amount: i64) -> Vec<Line> {
    let now = wish.anchor.at;
    if live.status == Status::Trialing {
        // Nothing was paid, and what is left of the trial is given up with it.
        return vec![period(wish, wish.anchor, amount)];
    }
    let unused = part(paid, live.start, live.end, now);
    let costs = if live.anchor.interval == wish.anchor.interval {
        let rest = part(amount, live.start, live.end, now);
        Line { kind: "remaining_time".to_owned(), plan: wish.plan.name.clone(), ..line(now, live.end, rest) }
    } else {
        period(wish, wish.anchor, amount)
    };
    // What was paid elsewhere lowers the price, and is not given back from here.
    let given_back = if live.collection == Collection::External { unused.min(costs.amount) } else { unused };
    let back = Line { kind: "unused_time".to_owned(), plan: live.plan.clone(), ..line(now, live.end, -given_back) };
    vec![back, costs]
}

fn period(wish: &Wish<'_>, anchor: Anchor, amount: i64) -> Line {
    let end = anchor.end_of(1).unwrap_or(anchor.at);
    Line { kind: "period".to_owned(), plan: wish.plan.name.clone(), ..line(anchor.at, end, amount) }
}

fn line(start: DateTime<Utc>, end: DateTime<Utc>, amount: i64) -> Line {
    Line { period_start: Some(to_proto(start)), period_end: Some(to_proto(end)), amount, ..Line::default() }
}

fn money(wish: &Wish<'_>) -> Result<Money, Error> {
    let price = cost::offered(wish.plan, wish.currency, wish.anchor.interval)?;
    Ok(Money { currency: price.currency.clone(), amount: price.unit_amount })
}

/// The interval of a request; that of the subscription or else a month where it names none. Errors: [`Error::Refused`].
pub(super) fn interval(text: &str, live: Option<&Subscription>) -> Result<Interval, Error> {
    match text {
        "" => Ok(live.filter(|live| !live.is_over()).map_or(Interval::Month, |live| live.anchor.interval)),
        text => Interval::parse(text).ok_or_else(|| refused("interval", "must be month or year")),
    }
}

#[cfg(test)]
mod tests;
