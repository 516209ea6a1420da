//! How is an order paid: which session is made for it, and what has become of that?

use super::{
    Stripe, is_name, make,
    object::{Charge, Session},
    requests,
};
use crate::payment::{Created, Instructions, Known, Order, State, Trouble, Truth};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::PaymentId;

/// How much earlier than our payment its session may have been made, by Stripe's clock.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);
/// How long Stripe certainly knows an idempotency key.
const KEYS_LAST: TimeDelta = TimeDelta::hours(24);

impl Stripe {
    /// [`crate::payment::Provider::create`]. The key is the payment. When Stripe has forgotten it, after a day, the session
    /// has ended as well.
    pub(super) async fn session_for(&self, order: &Order) -> Result<Created, Trouble> {
        let Some(success_url) = &order.success_url else {
            return Err(Trouble::Unsupported("Stripe has to know where a browser goes afterwards (success_url)"));
        };
        let customer = match &order.customer {
            Some(customer) if self.is_there(customer).await? => Some(customer.clone()),
            // Somebody has deleted the account: one can pay without one.
            _ => None,
        };
        let ask = requests::create(order, customer.as_deref(), success_url, self.api.clock.now());
        let key = order.payment.to_string();
        let session = make::once(&self.api, &ask, &key, self.made_before(order.payment)).await?;
        session.belongs_to(order.payment)?;
        let currency = session.currency.as_deref().unwrap_or_default();
        if session.amount_total != Some(order.amount) || !currency.eq_ignore_ascii_case(&order.currency) {
            return Err(Trouble::Unexpected(format!(
                "the session {} asks for another amount than the order",
                session.id
            )));
        }
        if session.status.as_deref() == Some("open") && session.url.is_none() {
            return Err(Trouble::Unexpected(format!("the session {} has no page on which it can be paid", session.id)));
        }
        Ok(Created {
            expires_at: session.expires_at.and_then(|end| DateTime::from_timestamp(end, 0)),
            instructions: Instructions { url: session.url, ..Instructions::default() },
            reference: session.id,
        })
    }

    /// The session of a payment, if there is one already. Stripe cannot search for it, so what was made since the payment
    /// was is looked through.
    async fn made_before(&self, payment: PaymentId) -> Result<Option<Session>, Trouble> {
        let since = began(payment).unwrap_or_else(|| self.api.clock.now() - KEYS_LAST) - CLOCKS_DIFFER;
        let made: Vec<Session> = self.api.all(|after| requests::sessions(since, None, false, after)).await?;
        Ok(made.into_iter().find(|session| session.payment() == Some(payment)))
    }

    /// [`crate::payment::Provider::look`]. The session is asked for first: what it says has been paid is among the charges
    /// that are asked for afterwards.
    pub(super) async fn look_at(&self, known: &Known) -> Result<Truth, Trouble> {
        let session = self.session(&known.reference).await?;
        session.belongs_to(known.payment)?;
        let state = session.state()?;
        let mut truth = Truth { state, received: vec![], disputes: vec![], again: None };
        if let Some(intent) = session.intent() {
            let charges: Vec<Charge> = self.api.all(|after| requests::charges_of(intent, after)).await?;
            for charge in &charges {
                truth.received.extend(self.money(charge, Some(&session.id)).await?);
                truth.disputes.extend(self.disputes_of(charge, Some(&session.id)).await?);
            }
        }
        if state == State::Paid && truth.received.is_empty() {
            return Err(Trouble::Away(format!("the session {} is paid, and its charge is not there yet", session.id)));
        }
        Ok(truth)
    }

    /// [`crate::payment::Provider::cancel`]. It needs no key: to close a session twice is to close it once, and a failure that
    /// Stripe kept for a key would stay in the way.
    pub(super) async fn close(&self, known: &Known) -> Result<(), Trouble> {
        let id = session_name(&known.reference)?;
        let refused = match self.api.ask::<Session>(&requests::expire(id), None).await.map_err(Trouble::from) {
            Err(refused @ Trouble::Refused(_)) => refused,
            other => return other.map(|_| ()),
        };
        // It may be over already; then there is nothing to do.
        match self.session(id).await?.status.as_deref() {
            Some("complete" | "expired") => Ok(()),
            _ => Err(refused),
        }
    }

    pub(super) async fn session(&self, id: &str) -> Result<Session, Trouble> {
        Ok(self.api.ask(&requests::session(session_name(id)?), None).await?)
    }
}

/// Errors: [`Trouble::Unknown`] for what is the name of no session.
fn session_name(id: &str) -> Result<&str, Trouble> {
    if is_name(id, "cs_") { Ok(id) } else { Err(Trouble::Unknown) }
}

/// When a payment was begun: its id says so.
fn began(payment: PaymentId) -> Option<DateTime<Utc>> {
    let (seconds, _) = payment.uuid().get_timestamp()?.to_unix();
    DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0)
}
