//! A boleto is issued, seen and paid; somebody else's and one that nobody issued are told of as well.

use super::{Bank, Kept, Stage};
use crate::{house::House, stages::charged};
use billing::payment::Provider;
use proto::{Call, billing::ReceiveNotificationRequest};
use serde_json::json;
use std::sync::Arc;

/// Efí, as it is with one boleto.
pub struct Boleto {
    bank: Bank,
    id: i64,
}

impl Boleto {
    /// A workspace that is about to pay a boleto.
    pub async fn of(house: &House, bank: &Bank) -> (Self, Call) {
        let (call, _) = charged(house, "boleto").await;
        let mut fake = bank.fake.state();
        let id = *fake.boletos.keys().next_back().unwrap();
        let foreign = json!({ "items": [{ "value": 29_700 }], "metadata": { "custom_id": "of somebody else" } });
        let foreign = fake.add_boleto(foreign);
        // One token is good for all of a boleto's life; here each notification has its own, as the clock stands.
        for n in 0..Self::EVENTS {
            let of = if n == 5 { foreign } else { id };
            if n != 6 {
                fake.notifications.insert(format!("token-{id}-{n}"), vec![of]);
            }
        }
        drop(fake);
        (Self { bank: bank.clone(), id }, call)
    }

    fn is(&self, status: &'static str) {
        self.bank.fake.state().boletos.get_mut(&self.id).unwrap().status = status;
    }
}

impl Stage for Boleto {
    type Kept = Kept;

    fn providers(&self) -> Vec<Arc<dyn Provider>> {
        self.bank.providers()
    }

    fn keep(&self) -> Kept {
        self.bank.keep()
    }

    fn put(&self, kept: Kept) {
        self.bank.put(kept);
    }

    fn print(kept: &Kept) -> String {
        kept.print()
    }

    fn happen(&self, n: usize) {
        match n {
            1 => self.is("identified"),
            2 => self.is("approved"),
            3 => self.bank.fake.state().pay_boleto(self.id, 29_700),
            _ => {}
        }
    }

    fn tells(&self, n: usize) -> ReceiveNotificationRequest {
        ReceiveNotificationRequest {
            channel: "efi.charges".to_owned(),
            body: format!("notification=token-{}-{n}", self.id).into(),
            secret: super::SECRET.to_owned(),
            ..ReceiveNotificationRequest::default()
        }
    }
}
