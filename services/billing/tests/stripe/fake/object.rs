//! What does Stripe answer with?

use serde_json::{Value, json};

/// How objects look: as since 2022, or as before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A session has no payment intent until somebody pays, and objects name each other.
    New,
    /// A session has a payment intent at once, objects contain each other, and charges list their refunds.
    Old,
}

#[derive(Clone)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: &'static str,
    pub(crate) payment_status: &'static str,
    pub(crate) client_reference_id: Option<String>,
    /// `metadata[payment_id]`
    pub(crate) payment: Option<String>,
    pub(crate) intent: Option<String>,
    /// `payment_intent_data[metadata][payment_id]`
    pub(crate) intent_payment: Option<String>,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) customer: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) intent: Option<String>,
    pub(crate) amount: i64,
    pub(crate) refunded: i64,
    pub(crate) currency: String,
    pub(crate) status: &'static str,
    pub(crate) created: i64,
    pub(crate) payment: Option<String>,
    pub(crate) disputed: bool,
}

#[derive(Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) amount: i64,
    pub(crate) status: &'static str,
    /// Ours; empty for one that was made on Stripe's own page.
    pub(crate) refund_id: String,
    pub(crate) created: i64,
}

impl Session {
    pub(super) fn show(&self, shape: Shape) -> Value {
        let intent = match (shape, &self.intent) {
            (Shape::New, intent) => json!(intent),
            (Shape::Old, Some(intent)) => {
                json!({ "id": intent, "object": "payment_intent", "charges": { "data": [] } })
            }
            (Shape::Old, None) => json!(format!("pi_of_{}", self.id)),
        };
        let url = format!("https://checkout.stripe.com/c/pay/{}", self.id);
        json!({
            "id": self.id,
            "object": "checkout.session",
            "mode": "payment",
            "status": self.status,
            "payment_status": self.payment_status,
            "amount_total": self.amount,
            "currency": self.currency,
            "client_reference_id": self.client_reference_id,
            "metadata": self.payment.as_ref().map_or_else(|| json!({}), |id| json!({ "payment_id": id })),
            "payment_intent": intent,
            "created": self.created,
            "expires_at": self.expires_at,
            "url": (self.status == "open").then_some(url),
            "customer": self.customer,
            "customer_details": null,
            "livemode": false,
        })
    }
}

impl Charge {
    pub(super) fn show(&self, shape: Shape) -> Value {
        let has_worked = self.status == "succeeded";
        let mut shown = json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if has_worked { self.amount } else { 0 },
            "amount_refunded": self.refunded,
            "captured": has_worked,
            "paid": has_worked,
            "disputed": self.disputed,
            "refunded": self.refunded == self.amount,
            "status": self.status,
            "currency": self.currency,
            "created": self.created,
            "metadata": self.payment.as_ref().map_or_else(|| json!({}), |id| json!({ "payment_id": id })),
            "payment_intent": self.intent,
            "source": null,
        });
        if shape == Shape::Old {
            shown["payment_intent"] =
                json!(self.intent.as_ref().map(|id| json!({ "id": id, "object": "payment_intent" })));
            shown["refunds"] = json!({ "object": "list", "data": [], "has_more": false });
        }
        shown
    }
}

impl Refund {
    pub(super) fn show(&self) -> Value {
        let metadata = if self.refund_id.is_empty() { json!({}) } else { json!({ "refund_id": self.refund_id }) };
        json!({
            "id": self.id,
            "object": "refund",
            "amount": self.amount,
            "charge": self.charge,
            "created": self.created,
            "metadata": metadata,
            "status": self.status,
        })
    }
}
