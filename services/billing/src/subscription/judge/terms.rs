//! What would be agreed on: how many of a plan, at which price, and what is taken off it?

use super::{Change, Kind, Line, Money, Subscription, Wish, line};
use crate::{
    Error,
    coupon::{Discount, Taken},
    error::refused,
    money::{Anchor, MAX_AMOUNT},
};
use chrono::{DateTime, Utc};
use proto::{billing::Plan, time::from_proto};

/// The kind of a line.
pub(super) const DISCOUNT: &str = "discount";

/// It.
pub(super) struct Terms<'a> {
    plan: &'a Plan,
    version: i32,
    price: Money,
    pub quantity: i64,
    /// Of a period, before anything is taken off.
    pub cost: i64,
    pub anchor: Anchor,
    /// The one that was entered, or else the one that there is.
    discount: Option<&'a Discount>,
}

impl<'a> Terms<'a> {
    /// Errors: [`Error::Refused`]: so many are not sold.
    pub fn new(wish: &Wish<'a>, live: Option<&'a Subscription>, price: Money) -> Result<Self, Error> {
        let quantity = quantity(wish, live)?;
        let cost = price.amount.saturating_mul(quantity);
        if cost > MAX_AMOUNT {
            return Err(refused("quantity", "is more than an invoice can hold: ask for fewer"));
        }
        // Whoever stays on a plan goes on with the version that they have agreed on.
        let version = live
            .filter(|live| live.plan == wish.plan.name && live.anchor.interval == wish.anchor.interval)
            .map_or(wish.plan.version, |live| live.version);
        let discount = wish.discount.or_else(|| live.and_then(|live| live.discount.as_ref()));
        Ok(Self { plan: wish.plan, version, price, quantity, cost, anchor: wish.anchor, discount })
    }

    /// A whole period.
    pub fn period(&self, anchor: Anchor) -> Line {
        let end = anchor.end_of(1).unwrap_or(anchor.at);
        Line { kind: "period".to_owned(), ..self.line(anchor.at, end, self.cost) }
    }

    /// Some time.
    pub fn line(&self, start: DateTime<Utc>, end: DateTime<Utc>, amount: i64) -> Line {
        let (quantity, unit_amount) = (self.quantity, self.price.amount);
        Line { plan: self.plan.name.clone(), quantity, unit_amount, ..line(start, end, amount) }
    }

    /// What is given back, what is paid, and what is taken off it, of which the invoice has `most` at most.
    pub fn change(&self, kind: Kind, at: DateTime<Utc>, mut lines: Vec<Line>, paid: Line, most: i64) -> Change {
        let from = paid.period_start.and_then(from_proto).unwrap_or(at);
        let off =
            self.discount.map_or(0, |it| it.takes(&self.plan.name, paid.amount, from, self.anchor.zone)).min(most);
        let end = paid.period_end.and_then(from_proto).unwrap_or(from);
        lines.push(paid);
        if let Some(discount) = self.discount.filter(|_| off > 0) {
            let (plan, promotion_code) = (self.plan.name.clone(), discount.code.clone());
            lines.push(Line { kind: DISCOUNT.to_owned(), plan, promotion_code, quantity: 1, ..line(from, end, -off) });
        }
        // What is not paid now is not used now.
        let is_paid = kind == Kind::Upgrade && off > 0;
        let used = |discount: &Discount| if is_paid { discount.used(from) } else { discount.clone() };
        Change {
            kind,
            at,
            lines,
            price: self.price.clone(),
            version: self.version,
            quantity: self.quantity,
            discount: self.discount.map(used),
            taken: is_paid.then_some(Taken { amount: off, from }),
        }
    }
}

/// How many: those that were asked for, or as many as there are where the plan is sold in several. Errors: [`Error::Refused`].
fn quantity(wish: &Wish<'_>, live: Option<&Subscription>) -> Result<i64, Error> {
    let most = wish.plan.max_quantity.max(1);
    let has = live.map_or(1, |live| live.quantity);
    let is_same = live.is_some_and(|live| live.plan == wish.plan.name);
    let asked = match wish.quantity {
        0 if is_same || most > 1 => has,
        0 => 1,
        asked => asked,
    };
    // What was agreed on may be more than what is sold today.
    let most = if is_same { most.max(has) } else { most };
    if !(1..=most).contains(&asked) {
        return Err(refused("quantity", format!("must be 1 to {most}: that is how many of this plan are sold")));
    }
    Ok(asked)
}
