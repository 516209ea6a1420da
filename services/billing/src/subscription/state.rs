//! A subscription as this service works with it.

use super::status::{Event, Status};
use crate::{
    Error,
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
    /// What was agreed on; None where nothing was.
    pub price: Option<Money>,
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
    pub amount: i64,
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
    pub price: Money,
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
        if price.amount > 0 {
            self.payment_due = Some(self.payment_due.map_or(due_at, |due| due.min(due_at)));
        }
        Some(Renewal {
            subscription: self.id,
            plan: self.plan.clone(),
            version: self.version,
            price,
            start: self.start,
            end: self.end,
            due_at,
            used: None,
        })
    }

    /// What is left to charge when it ends: what was used since its period began.
    pub fn closing(&self, at: DateTime<Utc>, terms: &Terms) -> Option<Renewal> {
        let price = self.price.clone().filter(|_| self.collection == Collection::Invoice)?;
        Some(Renewal {
            subscription: self.id,
            plan: self.plan.clone(),
            version: self.version,
            price: Money { amount: 0, ..price },
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
    pub fn take(&mut self, next: Scheduled, at: DateTime<Utc>) -> Result<(), Error> {
        let Scheduled { plan, version, interval, amount } = next;
        let is_first = matches!(self.status, Status::Incomplete | Status::Trialing);
        match self.status {
            // What was left of the trial is given up with it.
            Status::Trialing => self.happens(Event::TrialOver, at)?,
            _ => self.happens(Event::Paid, at)?,
        }
        let begins = is_first || self.anchor.interval != interval;
        (self.plan, self.version) = (plan, version);
        self.price = self.price.take().map(|Money { currency, .. }| Money { currency, amount });
        (self.pending, self.scheduled, self.cancel_at_period_end) = (None, None, false);
        self.collection = Collection::Invoice;
        if begins {
            self.period_from(Anchor { at, interval, ..self.anchor });
        }
        Ok(())
    }

    /// What is in force.
    pub fn effective<'a>(&'a self, default: &'a str) -> &'a str {
        if self.status.is_in_force() { &self.plan } else { default }
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
