//! What do the tests work with?

use crate::fake::Fake;
use billing::{
    payment::{Created, Known, Method, Order, Payer, Provider as _, Trouble},
    stripe::{Config, Stripe},
};
use chrono::{DateTime, TimeDelta, Utc};
use egress::Guard;
use host::{Clock, ClockHand, Ids};
use proto::id::PaymentId;

pub(crate) const KEY: &str = "sk_test_51Perpetuo0000000000000000";
pub(crate) const WEBHOOK_SECRET: &str = "whsec_test_secret";

/// An adapter, the fake that it calls, and the time of both.
pub(crate) struct House {
    pub(crate) fake: Fake,
    pub(crate) stripe: Stripe,
    pub(crate) clock: Clock,
    hand: ClockHand,
    ids: Ids,
}

pub(crate) fn start_of_time() -> DateTime<Utc> {
    "2026-11-29T10:00:00Z".parse().unwrap()
}

pub(crate) fn config(fake: &Fake) -> Config {
    Config {
        secret_key: Some(KEY.into()),
        webhook_secrets: vec![WEBHOOK_SECRET.into()],
        api_url: format!("http://{}", fake.address),
        ..Config::default()
    }
}

/// A guard that lets calls to this machine pass, as an operator would list it.
pub(crate) fn guard() -> Guard {
    let allow = vec!["127.0.0.0/8".parse().unwrap()];
    Guard::new(&egress::Config { allow, ..Default::default() }, false, vec![])
}

impl House {
    pub(crate) async fn new() -> Self {
        let (clock, hand) = Clock::manual(start_of_time());
        let fake = Fake::start(start_of_time().timestamp(), KEY).await;
        let stripe = Stripe::new(&config(&fake), &guard(), &clock).unwrap();
        Self { ids: Ids::new(clock.clone()), fake, stripe, clock, hand }
    }

    /// Lets time go by, here and at Stripe.
    pub(crate) fn later(&self, by: TimeDelta) {
        self.hand.advance(by);
        self.fake.with(|state| state.now += by.num_seconds());
    }

    pub(crate) fn order(&self) -> Order {
        Order {
            payment: PaymentId::from_uuid(self.ids.uuid()),
            method: Method::Card,
            amount: 12_345,
            currency: "BRL".to_owned(),
            description: "Invoice 2026-0042".to_owned(),
            expires_at: self.clock.now() + TimeDelta::days(3),
            payer: Payer { email: Some("ana@example.com".to_owned()), ..Payer::default() },
            success_url: Some("https://app.example.com/paid?a=1&b=2".to_owned()),
            cancel_url: Some("https://app.example.com/".to_owned()),
            customer: None,
            mandate: None,
            due_at: None,
        }
    }

    pub(crate) async fn create(&self, order: &Order) -> Result<Created, Trouble> {
        self.stripe.create(order).await
    }

    /// An order, and the session that was made for it.
    pub(crate) async fn created(&self) -> (Order, Known) {
        let order = self.order();
        let reference = self.create(&order).await.unwrap().reference;
        let known = Known { payment: order.payment, method: Method::Card, reference };
        (order, known)
    }
}
