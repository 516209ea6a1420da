//! Stripe: how cards are taken through it.
//!
//! Our invoices and our ledger are what counts; Stripe collects the money for one invoice at a time, on a page of its own (a
//! Checkout Session in the mode `payment`). Checked against github.com/stripe/openapi (2026-07-29.dahlia, MIT) and async-stripe
//! 1.0.0-rc.10 (2026-09-30.endive, MIT or Apache-2.0) in November 2026.

mod api;
mod claims;
mod config;
mod customer;
mod event;
mod fault;
mod make;
mod object;
mod received;
mod refund;
mod requests;
mod session;
mod signature;

use crate::{
    Error,
    payment::{
        About, Claims, Created, Customer, Known, Method, Notification, Order, Provider, Received, Refund, RefundStatus,
        Trouble, Truth, Unverified,
    },
};
use api::Api;
use chrono::{DateTime, Utc};
use egress::{Client, Guard, Purpose};
use event::Lookup;
use host::Clock;
use object::{Charge, Session};
use proto::id::PaymentId;
use std::{fmt, time::Duration};

pub use config::Config;
pub use requests::API_VERSION;

const CARDS_ONLY: Trouble = Trouble::Unsupported("Stripe is used for cards only");

/// Stripe as a [`Provider`]. `Debug` shows nothing of what it was set up with.
pub struct Stripe {
    config: Config,
    api: Api,
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stripe").finish_non_exhaustive()
    }
}

/// Notes so many events of a version that is not known.
fn note_unknown_version(events: u64) {
    host::metrics::counter_vec(
        "perpetuo_billing_unknown_versions_total",
        "Notifications in a version of a provider's API that is not known here; they are taken as far as they can be read.",
        &["provider"],
    )
    .with_label_values(&["stripe"])
    .inc_by(events);
}

impl Stripe {
    /// Sets it up; nothing is called yet. `guard` decides whether the address may be called; `clock` says when sessions end.
    ///
    /// # Errors
    /// [`Error::Settings`] with a sentence that names the setting.
    pub fn new(config: &Config, guard: &Guard, clock: &Clock) -> Result<Self, Error> {
        let api = Api {
            key: config.check(guard)?,
            base: config.api_url.clone(),
            client: Client::new(guard.clone(), Purpose::Payment),
            timeout: Duration::from_secs(config.timeout_seconds),
            clock: clock.clone(),
        };
        // From nothing on: what appears at one has not grown.
        note_unknown_version(0);
        Ok(Self { config: config.clone(), api })
    }

    /// What has to be looked at because of an event; Stripe is asked where its body names no payment of ours.
    async fn abouts(&self, lookup: Lookup) -> Result<Vec<About>, Trouble> {
        let found = match lookup {
            Lookup::Payment(id) => return Ok(vec![About::Payment(id)]),
            Lookup::Session(id) => return Ok(vec![About::Reference(id)]),
            Lookup::Intent(id) => self.payment_behind(&id).await,
            Lookup::Charge(id) => self.payment_charged(&id).await,
        };
        match found {
            Ok(payment) => Ok(payment.map(About::Payment).into_iter().collect()),
            // It may be in another account, or in the test mode.
            Err(Trouble::Unknown) => Ok(vec![]),
            Err(trouble) => Err(trouble),
        }
    }

    async fn payment_behind(&self, intent: &str) -> Result<Option<PaymentId>, Trouble> {
        let found: Vec<Session> = self.api.first(&requests::session_of(intent)).await?;
        Ok(found.first().and_then(Session::payment))
    }

    async fn payment_charged(&self, id: &str) -> Result<Option<PaymentId>, Trouble> {
        let charge: Charge = self.api.ask(&requests::charge(id), None).await?;
        match charge.intent() {
            Some(intent) => self.payment_behind(intent).await,
            None => Ok(None),
        }
    }
}

#[tonic::async_trait]
impl Provider for Stripe {
    fn name(&self) -> &'static str {
        "stripe"
    }

    fn methods(&self, currency: &str) -> Vec<Method> {
        if self.config.takes(currency) { vec![Method::Card] } else { vec![] }
    }

    async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        only_cards(order.method)?;
        if !self.config.takes(&order.currency) {
            return Err(Trouble::Unsupported("Stripe is not used for this currency (billing.stripe.currencies)"));
        }
        self.session_for(order).await
    }

    async fn look(&self, known: &Known) -> Result<Truth, Trouble> {
        only_cards(known.method)?;
        self.look_at(known).await
    }

    async fn cancel(&self, known: &Known) -> Result<(), Trouble> {
        only_cards(known.method)?;
        self.close(known).await
    }

    async fn refund(&self, refund: &Refund) -> Result<RefundStatus, Trouble> {
        only_cards(refund.method)?;
        self.give_back(refund).await
    }

    fn has_portal(&self) -> bool {
        true
    }

    async fn customer(&self, customer: &Customer) -> Result<String, Trouble> {
        self.account_of(customer).await
    }

    async fn portal(&self, customer: &str, return_url: &str) -> Result<String, Trouble> {
        self.page_of(customer, return_url).await
    }

    fn verify(&self, notification: &Notification) -> Result<String, Unverified> {
        if notification.channel != self.name() {
            return Err(Unverified::Unused);
        }
        let Notification { body, signature, at, .. } = notification;
        signature::verify(signature, body, &self.config.webhook_secrets, *at)?;
        let event = event::read(body).ok_or(Unverified::Malformed)?;
        if !event.is_known_version {
            note_unknown_version(1);
            tracing::error!(
                event = event.id,
                kind = event.kind,
                version = event.api_version,
                expected = API_VERSION,
                "Stripe sends events in a version of its API that is not known here: give the webhook endpoint the expected one"
            );
        }
        Ok(event.id)
    }

    async fn read(&self, notification: &Notification) -> Result<Vec<About>, Trouble> {
        let event = event::read(&notification.body);
        let event = event.ok_or_else(|| Trouble::Unexpected("the body is no event".to_owned()))?;
        match event.about {
            Some(lookup) => self.abouts(lookup).await,
            None => Ok(vec![]),
        }
    }

    async fn received(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Vec<Received>, Trouble> {
        self.received_between(from, to).await
    }

    async fn claims(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> Result<Claims, Trouble> {
        self.claimed_between(from, to).await
    }
}

fn only_cards(method: Method) -> Result<(), Trouble> {
    if method == Method::Card { Ok(()) } else { Err(CARDS_ONLY) }
}

/// Whether a text is the name of one of Stripe's objects of a kind, which then can stand in an address.
fn is_name(text: &str, start: &str) -> bool {
    let is_visible = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    text.len() <= 255 && text.strip_prefix(start).is_some_and(is_visible)
}

/// Charges of methods that were added later than cards begin otherwise.
fn is_charge(text: &str) -> bool {
    is_name(text, "ch_") || is_name(text, "py_")
}
