//! A subscription as this service works with it.

use super::status::{Event, Status};
use crate::{
    Error,
    coupon::{Discount, Taken},
    money::{Anchor, Interval},
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::{
    billing::Price,
    id::{InvoiceId, SubscriptionId},
};
use serde::{Deserialize, Serialize};

/// One subscription. Times are those of the clock of this service.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Subscription {
    pub id: SubscriptionId,
    pub plan: String,
    pub version: i32,
    pub status: Status,
    /// What was agreed on for one; None where nothing was.
    pub price: Option<Money>,
    /// How many of the plan, at least 1.
    pub quantity: i64,
    /// What is taken off its price.
    pub discount: Option<Discount>,
    /// What was taken off of this period.
    pub taken: Option<Taken>,
    pub anchor: Anchor,
    /// How many periods since the anchor are over.
    pub periods: u32,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub trial_end: Option<DateTime<Utc>>,
    /// Since when a payment is late.
    pub past_due_at: Option<DateTime<Utc>>,
    pub cancel_at_period_end: bool,
    pub scheduled: Option<Scheduled>,
    pub collection: Collection,
    /// When the oldest open invoice of it is late.
    pub payment_due: Option<DateTime<Utc>>,
    pub pending: Option<Pending>,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// An amount in the smallest unit of a currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Money {
    pub currency: String,
    pub amount: i64,
}

/// What comes into force with the next period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scheduled {
    pub plan: String,
    pub version: i32,
    pub interval: Interval,
    /// Of one.
    pub amount: i64,
    #[serde(default = "one")]
    pub quantity: i64,
}

/// What an earlier release has written was for one.
const fn one() -> i64 {
    1
}

/// How what it costs is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Collection {
    /// Elsewhere: operators report what became of it.
    External,
    /// Each period has an invoice.
    Invoice,
}

/// What comes into force when its invoice is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    pub next: Scheduled,
    pub invoice: InvoiceId,
    /// The promotion code that was entered with it; empty: none.
    pub code: String,
    /// What the subscription has then, and what is taken off of the time that is paid.
    pub discount: Option<Discount>,
    pub taken: Option<Taken>,
    /// Until when it can be paid.
    pub expires_at: DateTime<Utc>,
}

/// For how long after its end a change waits for money that was paid in time and is on its way: what a boleto takes.
pub(crate) const PENDING_LINGERS: TimeDelta = TimeDelta::days(5);

/// A period that has begun and has to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Renewal {
    pub subscription: SubscriptionId,
    pub plan: String,
    pub version: i32,
    /// Of one.
    pub price: Money,
    pub quantity: i64,
    /// What is taken off of all of them, and the code with which that was redeemed.
    pub off: Option<(i64, String)>,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    /// What was used before it is charged with it.
    pub used: Option<Used>,
}

/// A time of which the usage is charged, and the plan that says how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub plan: String,
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
}

/// What was agreed on for payments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// For how long a plan goes on when a payment is late.
    pub grace: TimeDelta,
    /// Within which an invoice for a period is to be paid.
    pub net: TimeDelta,
}

impl Collection {
    /// The name in the database, in requests and in answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::External => "external",
            Self::Invoice => "send_invoice",
        }
    }

    /// The one with this name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::External, Self::Invoice].into_iter().find(|collection| collection.as_str() == text)
    }
}

impl Subscription {
    /// Errors: [`Error::Illegal`], and nothing has changed.
    pub fn happens(&mut self, event: Event, at: DateTime<Utc>) -> Result<(), Error> {
        self.status = self.status.after(event).ok_or(Error::Illegal(self.status, event))?;
        match self.status {
            Status::PastDue => self.past_due_at = self.past_due_at.or(Some(at)),
            Status::Cancelled => {
                self.ended_at = Some(at);
                (self.past_due_at, self.cancel_at_period_end, self.scheduled) = (None, false, None);
                (self.payment_due, self.pending) = (None, None);
                (self.discount, self.taken) = (None, None);
            }
            Status::Paused => (self.past_due_at, self.pending) = (None, None),
            _ => self.past_due_at = None,
        }
        if event == Event::Unpaused {
            // What was left of the period when it began to rest is not owed by anybody who rests it.
            self.period_from(Anchor { at, ..self.anchor });
        }
        Ok(())
    }

    /// Begins the first period of an anchor.
    pub fn period_from(&mut self, anchor: Anchor) {
        self.anchor = anchor;
        self.periods = 0;
        self.start = anchor.at;
        self.end = anchor.end_of(1).unwrap_or(DateTime::<Utc>::MAX_UTC);
    }

    /// The period that it is in, if that has to be paid by invoice; its payment is awaited from now on.
    pub fn renewal(&mut self, terms: &Terms) -> Option<Renewal> {
        let price = self.price.clone().filter(|_| self.collection == Collection::Invoice)?;
        let due_at = self.start + terms.net;
        let cost = price.amount.saturating_mul(self.quantity);
        let off = self.take_off(cost);
        if cost > off.as_ref().map_or(0, |(amount, _)| *amount) {
            self.payment_due = Some(self.payment_due.map_or(due_at, |due| due.min(due_at)));
        }
        Some(Renewal {
            subscription: self.id,
            plan: self.plan.clone(),
            version: self.version,
            price,
            quantity: self.quantity,
            off,
            start: self.start,
            end: self.end,
            due_at,
            used: None,
        })
    }

    /// What its discount takes off of the period that it is in.
    fn take_off(&mut self, cost: i64) -> Option<(i64, String)> {
        let discount = self.discount.as_ref()?;
        let amount = discount.takes(&self.plan, cost, self.start, self.anchor.zone);
        let (code, used) = (discount.code.clone(), discount.used(self.start));
        self.taken = (amount > 0).then_some(Taken { amount, from: self.start });
        if amount > 0 {
            self.discount = Some(used);
        }
        (amount > 0).then_some((amount, code))
    }

    /// What another period does not have any more of discounts.
    pub fn forget_discounts(&mut self, at: DateTime<Utc>) {
        let zone = self.anchor.zone;
        self.taken = None;
        self.discount = self.discount.take().filter(|discount| !discount.is_over(at, zone));
    }

    /// What is left to charge when it ends: what was used since its period began.
    pub fn closing(&self, at: DateTime<Utc>, terms: &Terms) -> Option<Renewal> {
        let price = self.price.clone().filter(|_| self.collection == Collection::Invoice)?;
        Some(Renewal {
            subscription: self.id,
            plan: self.plan.clone(),
            version: self.version,
            price: Money { amount: 0, ..price },
            quantity: self.quantity,
            off: None,
            start: at,
            end: at,
            due_at: at + terms.net,
            used: Some(self.used(at)?),
        })
    }

    /// What was used in the period that is over at a time. Trials are for nothing.
    pub fn used(&self, to: DateTime<Utc>) -> Option<Used> {
        let is_charged = matches!(self.status, Status::Active | Status::PastDue);
        is_charged.then(|| Used { plan: self.plan.clone(), from: self.start, to })
    }

    /// What was paid for comes into force. Errors: [`Error::Illegal`], and nothing has changed.
    pub fn take(&mut self, paid: Pending, at: DateTime<Utc>) -> Result<(), Error> {
        let Pending { next: Scheduled { plan, version, interval, amount, quantity }, discount, taken, .. } = paid;
        let is_first = matches!(self.status, Status::Incomplete | Status::Trialing);
        match self.status {
            // What was left of the trial is given up with it.
            Status::Trialing => self.happens(Event::TrialOver, at)?,
            _ => self.happens(Event::Paid, at)?,
        }
        let begins = is_first || self.anchor.interval != interval;
        (self.plan, self.version) = (plan, version);
        self.price = self.price.take().map(|Money { currency, .. }| Money { currency, amount });
        (self.quantity, self.discount, self.taken) = (quantity, discount, taken);
        (self.pending, self.scheduled, self.cancel_at_period_end) = (None, None, false);
        self.collection = Collection::Invoice;
        if begins {
            // Its time begins when it is paid, and so does what was taken off of it.
            let asked = self.taken.map(|taken| taken.from);
            self.taken = self.taken.map(|taken| Taken { from: at, ..taken });
            self.discount = self.discount.take().map(|discount| Discount {
                since: if discount.since == asked { asked.map(|_| at) } else { discount.since },
                ..discount
            });
            self.period_from(Anchor { at, interval, ..self.anchor });
        }
        Ok(())
    }

    /// What is in force.
    pub fn effective<'a>(&'a self, default: &'a str) -> &'a str {
        if self.status.is_in_force() { &self.plan } else { default }
    }

    /// How many of what is in force.
    pub const fn effective_quantity(&self) -> i64 {
        if self.status.is_in_force() { self.quantity } else { 1 }
    }

    /// Whether it has ended.
    pub const fn is_over(&self) -> bool {
        self.ended_at.is_some()
    }

    /// The price as clients see it.
    pub fn shown_price(&self) -> Option<Price> {
        let Money { currency, amount } = self.price.clone()?;
        Some(Price { currency, interval: self.anchor.interval.as_str().to_owned(), unit_amount: amount })
    }
}
