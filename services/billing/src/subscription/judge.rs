//! What does it mean to move to another plan? What costs more is in force at once and pays for the time that is left;
//! what costs less comes with the next period, which has been paid.

use super::{
    begin::trial_end,
    state::{Collection, Money, Subscription},
    status::Status,
};
use crate::{
    Error,
    coupon::{Discount, Taken, Wrong},
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
    /// How many of it; 0: as many as there are.
    pub quantity: i64,
    /// What a promotion code that was entered takes off.
    pub discount: Option<&'a Discount>,
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
    /// The price of one of the new plan, and the version that it is of.
    pub price: Money,
    pub version: i32,
    pub quantity: i64,
    /// What the subscription has from then on, and what is taken off of the time that is paid now.
    pub discount: Option<Discount>,
    pub taken: Option<Taken>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It must be paid first.
    Upgrade,
    /// It costs nothing.
    Free,
    /// It may be tried for nothing, once.
    Trial,
    /// More or fewer of what is only tried: that costs nothing yet.
    Tried,
    /// With the next period.
    Downgrade,
    /// Back to the default plan, with the end of the period.
    Cancel,
}

/// Errors: [`Error::InForce`], [`Error::Refused`].
pub(super) fn judge(subscription: Option<&Subscription>, wish: &Wish<'_>) -> Result<Change, Error> {
    // What was never paid for was never in force.
    let live = subscription.filter(|live| !live.is_over() && live.status != Status::Incomplete);
    if wish.plan.is_hidden && live.is_none_or(|live| live.plan != wish.plan.name) {
        return Err(refused("plan", "is no plan that is offered: GET /api/v1/plans has those"));
    }
    let change = match live {
        Some(live) => of_live(live, wish),
        None => of_none(subscription.is_some(), wish),
    }?;
    let takes_nothing = matches!(change.kind, Kind::Free | Kind::Cancel)
        || (change.kind == Kind::Downgrade && live.is_some_and(|live| live.collection == Collection::External));
    if wish.discount.is_some() && takes_nothing {
        return Err(Wrong::Nothing.into());
    }
    Ok(change)
}

fn of_none(had_one: bool, wish: &Wish<'_>) -> Result<Change, Error> {
    if wish.plan.name == wish.in_force {
        return Err(Error::InForce);
    }
    let price = money(wish)?;
    let terms = Terms::new(wish, None, price)?;
    let (now, cost) = (wish.anchor.at, terms.cost);
    let trial = trial_end(wish.anchor, wish.plan.trial_days).filter(|_| !had_one && cost > 0);
    let kind = match trial {
        Some(_) => Kind::Trial,
        None if cost == 0 => Kind::Free,
        None => Kind::Upgrade,
    };
    let paid = Anchor { at: trial.unwrap_or(now), ..wish.anchor };
    let line = terms.period(paid);
    Ok(terms.change(kind, now, vec![], line, cost))
}

fn of_live(live: &Subscription, wish: &Wish<'_>) -> Result<Change, Error> {
    let now = wish.anchor.at;
    if wish.plan.name == wish.default && live.plan != wish.default {
        return Ok(cancel(live, wish));
    }
    let (old, new) = (live.anchor.interval, wish.anchor.interval);
    let is_same = wish.plan.name == live.plan && new == old;
    if is_same && (wish.quantity == 0 || wish.quantity == live.quantity) {
        return Err(Error::InForce);
    }
    let terms = Terms::new(wish, Some(live), if is_same { agreed(live)? } else { money(wish)? })?;
    let paid = live.price.as_ref().map_or(0, |price| price.amount.saturating_mul(live.quantity));
    let cost = terms.cost;
    if is_same && live.status == Status::Trialing {
        let line = terms.period(Anchor { at: live.end, ..wish.anchor });
        return Ok(terms.change(Kind::Tried, now, vec![], line, cost));
    }
    // Who only tries it has agreed to pay for nothing, also not for what costs less.
    let is_only_trying = live.status == Status::Trialing && live.cancel_at_period_end && cost > 0;
    if !is_only_trying && cost::yearly(cost, new) <= cost::yearly(paid, old) {
        let kind = if cost == 0 && paid == 0 { Kind::Free } else { Kind::Downgrade };
        let at = if kind == Kind::Free { now } else { live.end };
        let line = terms.period(Anchor { at: live.end, ..wish.anchor });
        return Ok(terms.change(kind, at, vec![], line, cost));
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
    Ok(upgrade(live, &terms, paid))
}

/// What is given back of the old plan, and what the new one costs for the same time or, with another interval, for a
/// period of its own.
fn upgrade(live: &Subscription, terms: &Terms<'_>, paid: i64) -> Change {
    let now = terms.anchor.at;
    if live.status == Status::Trialing {
        // Nothing was paid, and what is left of the trial is given up with it.
        return terms.change(Kind::Upgrade, now, vec![], terms.period(terms.anchor), terms.cost);
    }
    let unused = part(paid, live.start, live.end, now);
    let costs = if live.anchor.interval == terms.anchor.interval {
        let rest = part(terms.cost, live.start, live.end, now);
        Line { kind: "remaining_time".to_owned(), ..terms.line(now, live.end, rest) }
    } else {
        terms.period(terms.anchor)
    };
    // What was paid elsewhere lowers the price, and is not given back from here.
    let given_back = if live.collection == Collection::External { unused.min(costs.amount) } else { unused };
    let price = live.price.as_ref().map_or(0, |price| price.amount);
    let mut lines = vec![Line {
        kind: "unused_time".to_owned(),
        plan: live.plan.clone(),
        quantity: live.quantity,
        unit_amount: price,
        ..line(now, live.end, -given_back)
    }];
    // What was taken off of that time was not paid.
    let taken = live.taken.map_or(0, |taken| part(taken.amount, taken.from, live.end, now)).min(given_back);
    if taken > 0 {
        lines.push(Line {
            kind: DISCOUNT.to_owned(),
            plan: live.plan.clone(),
            quantity: 1,
            ..line(now, live.end, taken)
        });
    }
    // A discount brings no invoice below zero.
    let most = (costs.amount - given_back + taken).max(0);
    terms.change(Kind::Upgrade, now, lines, costs, most)
}

fn cancel(live: &Subscription, wish: &Wish<'_>) -> Change {
    Change {
        kind: Kind::Cancel,
        at: live.end,
        lines: vec![],
        price: Money { currency: wish.currency.to_owned(), amount: 0 },
        version: wish.plan.version,
        quantity: 1,
        discount: None,
        taken: None,
    }
}

/// What was agreed on is what one more costs. Errors: [`Error::Refused`].
fn agreed(live: &Subscription) -> Result<Money, Error> {
    live.price.clone().ok_or_else(|| refused("quantity", "is agreed on with whoever runs this installation: ask them"))
}

fn money(wish: &Wish<'_>) -> Result<Money, Error> {
    let price = cost::offered(wish.plan, wish.currency, wish.anchor.interval)?;
    Ok(Money { currency: price.currency.clone(), amount: price.unit_amount })
}

fn line(start: DateTime<Utc>, end: DateTime<Utc>, amount: i64) -> Line {
    Line { period_start: Some(to_proto(start)), period_end: Some(to_proto(end)), amount, ..Line::default() }
}

/// The interval of a request; that of the subscription or else a month where it names none. Errors: [`Error::Refused`].
pub(super) fn interval(text: &str, live: Option<&Subscription>) -> Result<Interval, Error> {
    match text {
        "" => Ok(live.filter(|live| !live.is_over()).map_or(Interval::Month, |live| live.anchor.interval)),
        text => Interval::parse(text).ok_or_else(|| refused("interval", "must be month or year")),
    }
}

mod terms;
use terms::{DISCOUNT, Terms};

#[cfg(test)]
mod tests;
