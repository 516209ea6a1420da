//! What was paid by card is given back in part, that does not arrive, and then the payer disputes all of it and loses.

use super::Stage;
use super::card::{Kept, Shop};
use crate::{house::House, stages::charged};
use billing::payment::Provider;
use proto::{Call, billing::ReceiveNotificationRequest};
use serde_json::json;
use std::sync::Arc;

/// Stripe, as it is with one session.
pub struct Claimed {
    shop: Shop,
    session: String,
}

impl Claimed {
    /// A workspace that is about to pay with a card.
    pub async fn of(house: &House, shop: &Shop) -> (Self, Call) {
        let (call, _) = charged(house, "card").await;
        let session = shop.fake.with(|state| state.sessions.last().unwrap().id.clone());
        (Self { shop: shop.clone(), session }, call)
    }

    fn dispute(&self) -> String {
        let charge = self.shop.charge(&self.session);
        let of = |id: &str| {
            self.shop.fake.with(|state| state.disputes.iter().find(|one| one.charge == id).map(|one| one.id.clone()))
        };
        of(&charge).unwrap_or_else(|| "dp_none_yet".to_owned())
    }

    fn refund(&self) -> String {
        let charge = self.shop.charge(&self.session);
        let of = |id: &str| {
            self.shop.fake.with(|state| state.refunds.iter().find(|one| one.charge == id).map(|one| one.id.clone()))
        };
        of(&charge).unwrap_or_else(|| "re_none_yet".to_owned())
    }
}

impl Stage for Claimed {
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
        let (charge, dispute, refund) = (self.shop.charge(&self.session), self.dispute(), self.refund());
        self.shop.fake.with(|state| match n {
            0 => drop(state.pay(&self.session)),
            1 => drop(state.give_back(&charge, 3_000)),
            3 => state.fail_refund(&refund),
            4 => drop(state.open_dispute(&charge, "needs_response")),
            5 => state.dispute(&dispute).moved.push(-29_700),
            6 => {
                state.dispute(&dispute).status = "won";
                state.dispute(&dispute).moved.push(29_700);
            }
            _ => {}
        });
    }

    fn tells(&self, n: usize) -> ReceiveNotificationRequest {
        let intent = self.shop.intent(&self.session);
        let charge = json!({ "id": self.shop.charge(&self.session), "object": "charge", "metadata": {}, "payment_intent": intent });
        let refund = json!({ "id": self.refund(), "object": "refund", "charge": self.shop.charge(&self.session) });
        let dispute = json!({ "id": self.dispute(), "object": "dispute", "payment_intent": intent });
        let session = json!({ "id": self.session, "object": "checkout.session", "metadata": {} });
        let (kind, object) = match n {
            0 => ("checkout.session.completed", session),
            1 => ("charge.refunded", charge),
            2 => ("refund.created", refund),
            3 => ("refund.failed", refund),
            4 => ("charge.dispute.created", dispute),
            5 => ("charge.dispute.funds_withdrawn", dispute),
            6 => ("charge.dispute.funds_reinstated", dispute),
            _ => ("charge.dispute.closed", dispute),
        };
        self.shop.event(&format!("evt_{n}_{}", self.session), kind, &object)
    }
}
