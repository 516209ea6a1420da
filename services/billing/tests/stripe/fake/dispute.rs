//! Disputes of charges.

use super::{
    State,
    call::{Call, Reply},
    list,
};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct Dispute {
    pub(crate) id: String,
    pub(crate) charge: String,
    pub(crate) intent: Option<String>,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: &'static str,
    pub(crate) created: i64,
    /// What went out of the account and came back, each with Stripe's fee beside it.
    pub(crate) moved: Vec<i64>,
}

impl Dispute {
    fn show(&self) -> Value {
        let moved = self.moved.iter().enumerate().map(|(n, amount)| {
            let fee = if *amount < 0 { 1_500 } else { 0 };
            json!({ "id": format!("txn_{}_{n}", self.id), "object": "balance_transaction", "amount": amount, "fee": fee,
                "net": amount - fee, "currency": self.currency, "reporting_category": "dispute" })
        });
        json!({
            "id": self.id,
            "object": "dispute",
            "amount": self.amount,
            "currency": self.currency,
            "charge": self.charge,
            "payment_intent": self.intent,
            "status": self.status,
            "reason": "fraudulent",
            "created": self.created,
            "evidence_details": { "due_by": self.created + 604_800, "has_evidence": false, "past_due": false },
            "balance_transactions": moved.collect::<Vec<_>>(),
            "is_charge_refundable": false,
            "livemode": false,
            "metadata": {},
        })
    }
}

impl State {
    /// The bank of whoever paid a charge asks for it back; returns the name of the dispute.
    pub(crate) fn open_dispute(&mut self, charge: &str, status: &'static str) -> String {
        let of = self.charges.iter_mut().find(|found| found.id == charge).unwrap();
        of.disputed = true;
        let dispute = Dispute {
            id: format!("dp_{}", self.disputes.len()),
            charge: charge.to_owned(),
            intent: of.intent.clone(),
            amount: of.amount,
            currency: of.currency.clone(),
            status,
            created: self.now,
            moved: vec![],
        };
        self.disputes.push(dispute.clone());
        dispute.id
    }

    pub(crate) fn dispute(&mut self, id: &str) -> &mut Dispute {
        self.disputes.iter_mut().find(|dispute| dispute.id == id).unwrap()
    }

    pub(super) fn list_disputes(&self, call: &Call) -> Reply {
        let found = self.disputes.iter().rev().filter(|dispute| {
            let is_of = call.get("charge").is_none_or(|asked| asked == dispute.charge);
            is_of && list::is_between(call, dispute.created)
        });
        list::page(call, found.map(Dispute::show).collect())
    }
}
