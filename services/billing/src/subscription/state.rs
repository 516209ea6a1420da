//! A subscription as this service works with it.

use super::status::{Event, Status};
use crate::{
    Error,
    money::{Anchor, Interval},
};
use chrono::{DateTime, Utc};
use proto::{billing::Price, id::SubscriptionId};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Scheduled {
    pub plan: String,
    pub version: i32,
    pub interval: Interval,
    pub amount: i64,
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
            }
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
