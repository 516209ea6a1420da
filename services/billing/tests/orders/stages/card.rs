//! A card is declined, then one works.

use super::Stage;
use crate::{
    house::House,
    stages::charged,
    stripe::{Fake, State},
};
use aws_lc_rs::hmac;
use billing::{
    payment::Provider,
    stripe::{API_VERSION, Config, Stripe},
};
use host::Clock;
use proto::{Call, billing::ReceiveNotificationRequest};
use serde_json::{Value, json};
use std::sync::Arc;

const KEY: &str = "sk_test_51Perpetuo0000000000000000";
const SECRET: &str = "whsec_test_secret";

/// Stripe, as it is with one session.
pub struct Card {
    shop: Shop,
    session: String,
}

/// A fake Stripe, and what calls it.
#[derive(Clone)]
pub struct Shop {
    pub fake: Arc<Fake>,
    pub stripe: Arc<Stripe>,
    pub clock: Clock,
}

/// What a fake knows: how it is put back, and what tells it from others.
#[derive(Clone)]
pub struct Kept {
    put: Arc<dyn Fn(&mut State) + Send + Sync>,
    print: String,
}

impl Shop {
    pub async fn open(clock: &Clock) -> Self {
        let fake = Arc::new(Fake::start(clock.now().timestamp(), KEY).await);
        let guard = egress::Guard::new(
            &egress::Config { allow: vec!["127.0.0.0/8".parse().unwrap()], ..Default::default() },
            false,
            vec![],
        );
        let config = Config {
            secret_key: Some(KEY.into()),
            webhook_secrets: vec![SECRET.into()],
            api_url: format!("http://{}", fake.address),
            ..Config::default()
        };
        let stripe = Arc::new(Stripe::new(&config, &guard, clock).unwrap());
        Self { fake, stripe, clock: clock.clone() }
    }

    pub fn providers(&self) -> Vec<Arc<dyn Provider>> {
        vec![self.stripe.clone()]
    }

    pub fn keep(&self) -> Kept {
        self.fake.with(|state| {
            let (sessions, charges) = (state.sessions.clone(), state.charges.clone());
            let (refunds, disputes) = (state.refunds.clone(), state.disputes.clone());
            let session =
                |one: &crate::stripe::Session| format!("{} {} {:?}", one.status, one.payment_status, one.intent);
            let charge =
                |one: &crate::stripe::Charge| format!("{} {} {} {}", one.id, one.status, one.refunded, one.disputed);
            let print = [
                sessions.iter().map(session).collect::<Vec<_>>(),
                charges.iter().map(charge).collect(),
                refunds.iter().map(|one| format!("{} {} {}", one.id, one.amount, one.status)).collect(),
                disputes.iter().map(|one| format!("{} {} {:?}", one.id, one.status, one.moved)).collect(),
            ]
            .concat()
            .join("\n");
            let put = move |state: &mut State| {
                (state.sessions, state.charges) = (sessions.clone(), charges.clone());
                (state.refunds, state.disputes) = (refunds.clone(), disputes.clone());
            };
            Kept { put: Arc::new(put), print }
        })
    }

    pub fn put(&self, kept: &Kept) {
        self.fake.with(|state| (kept.put)(state));
    }

    /// An event, signed as Stripe does it.
    pub fn event(&self, id: &str, kind: &str, object: &Value) -> ReceiveNotificationRequest {
        let body = json!({
            "id": id, "object": "event", "api_version": API_VERSION, "type": kind, "created": self.clock.now().timestamp(),
            "data": { "object": object }, "livemode": false, "request": { "id": null, "idempotency_key": null },
        });
        let (body, at) = (body.to_string(), self.clock.now().timestamp());
        let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
        let tag = hmac::sign(&key, format!("{at}.{body}").as_bytes());
        ReceiveNotificationRequest {
            channel: "stripe".to_owned(),
            body: body.into(),
            signature: format!("t={at},v1={}", hex::encode(tag)),
            ..ReceiveNotificationRequest::default()
        }
    }

    /// The payment intent of a session, once somebody has tried to pay; before, the one that there will be.
    pub fn intent(&self, session: &str) -> String {
        self.fake.with(|state| state.session(session).intent.clone().unwrap_or_else(|| "pi_none_yet".to_owned()))
    }

    /// The charge by which a session was paid.
    pub fn charge(&self, session: &str) -> String {
        let intent = self.intent(session);
        self.fake.with(|state| {
            let paid = |one: &&crate::stripe::Charge| one.intent.as_ref() == Some(&intent) && one.status == "succeeded";
            state.charges.iter().find(paid).map_or_else(|| "ch_none_yet".to_owned(), |one| one.id.clone())
        })
    }
}

impl Kept {
    pub fn print(&self) -> String {
        self.print.clone()
    }
}

impl Card {
    /// A workspace that is about to pay with a card.
    pub async fn of(house: &House, shop: &Shop) -> (Self, Call) {
        let (call, _) = charged(house, "card").await;
        let session = shop.fake.with(|state| state.sessions.last().unwrap().id.clone());
        (Self { shop: shop.clone(), session }, call)
    }
}

impl Stage for Card {
    type Kept = Kept;

    fn providers(&self) -> Vec<Arc<dyn Provider>> {
        self.shop.providers()
    }

    fn keep(&self) -> Kept {
        self.shop.keep()
    }

    fn put(&self, kept: Kept) {
        self.shop.put(&kept);
    }

    fn print(kept: &Kept) -> String {
        kept.print()
    }

    fn happen(&self, n: usize) {
        match n {
            0 => drop(self.shop.fake.with(|state| state.try_to_pay(&self.session, "failed"))),
            3 => drop(self.shop.fake.with(|state| state.try_to_pay(&self.session, "pending"))),
            4 => drop(self.shop.fake.with(|state| state.pay(&self.session))),
            _ => {}
        }
    }

    fn tells(&self, n: usize) -> ReceiveNotificationRequest {
        let intent = || json!({ "id": self.shop.intent(&self.session), "object": "payment_intent", "metadata": {} });
        let charge = || {
            json!({ "id": self.shop.charge(&self.session), "object": "charge", "metadata": {},
            "payment_intent": self.shop.intent(&self.session) })
        };
        let session =
            json!({ "id": self.session, "object": "checkout.session", "metadata": {}, "customer": "cus_of_nobody" });
        let (kind, object) = match n {
            0 => ("charge.failed", charge()),
            1 => ("payment_intent.payment_failed", intent()),
            2 => ("payment_intent.requires_action", intent()),
            3 => ("charge.pending", charge()),
            4 => ("charge.succeeded", charge()),
            5 => ("payment_intent.succeeded", intent()),
            6 => ("checkout.session.completed", session),
            _ => ("charge.updated", charge()),
        };
        self.shop.event(&format!("evt_{n}_{}", self.session), kind, &object)
    }
}
