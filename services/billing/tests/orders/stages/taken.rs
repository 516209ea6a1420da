//! An invoice is taken by a mandate (PIX Automático): the first try fails, the next one works, and then the customer ends the mandate at
//! their bank.

use super::{Bank, Kept, Stage, named};
use crate::{efi::KEY, house::House};
use billing::payment::Provider;
use chrono::TimeDelta;
use proto::{
    Call,
    billing::{CreateMandateRequest, ReceiveNotificationRequest},
    time::from_proto,
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Efí, as it is with one mandate and what is taken by it.
pub struct Taken {
    bank: Bank,
    mandate: String,
    txid: String,
}

impl Taken {
    /// A workspace that has allowed it, and whose next invoice is ordered.
    pub async fn of(house: &House, bank: &Bank) -> (Self, Call) {
        let call = house.workspace().await;
        named(house, &call).await;
        house.invoiced(&call, "basic").await;
        let first = house.invoices(&call).await.remove(0);
        house.pay(&call, &first.id, 0, "cash").await.unwrap();
        house.billing.create_mandate(&call, CreateMandateRequest {}).await.unwrap();
        let mandate = {
            let mut fake = bank.fake.state();
            let allowed = fake.recs.last_mut().unwrap();
            allowed.status = "APROVADA";
            allowed.id.clone()
        };
        house.at(house.now() + TimeDelta::minutes(3)).await;
        house.at(house.get(&call).await.current_period_end.and_then(from_proto).unwrap()).await;
        house.at(house.now() + TimeDelta::hours(1)).await;
        let txid = {
            let fake = bank.fake.state();
            fake.cobrs.iter().find(|cobr| cobr.body["idRec"] == mandate.as_str()).unwrap().txid.clone()
        };
        (Self { bank: bank.clone(), mandate, txid }, call)
    }
}

impl Stage for Taken {
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
        let mut fake = self.bank.fake.state();
        match n {
            0 => fake.cobrs.iter_mut().filter(|cobr| cobr.txid == self.txid).for_each(|cobr| cobr.status = "ATIVA"),
            1 => fake.try_to_take(&self.txid, "REJEITADA"),
            2 => drop(fake.pay(Some(&self.txid), Some("foreign@example.com"), "1.00")),
            3 => fake.try_to_take(&self.txid, "PAGA"),
            5 => fake.recs.iter_mut().filter(|rec| rec.id == self.mandate).for_each(|rec| rec.status = "CANCELADA"),
            _ => {}
        }
    }

    fn tells(&self, n: usize) -> ReceiveNotificationRequest {
        // What it says has happened is wrong on purpose: only names are read.
        let body: Value = match n {
            2 | 4 => {
                json!({ "pix": [{ "endToEndId": "E4", "txid": self.txid, "valor": "9999.99", "chave": KEY, "n": n }] })
            }
            5 | 7 => json!({ "recs": [{ "idRec": self.mandate, "status": "APROVADA", "n": n }] }),
            n => json!({ "cobsr": [{ "idRec": self.mandate, "txid": self.txid, "status": "REJEITADA", "n": n }] }),
        };
        ReceiveNotificationRequest {
            channel: "efi.pix".to_owned(),
            body: body.to_string().into(),
            secret: super::SECRET.to_owned(),
            ..ReceiveNotificationRequest::default()
        }
    }
}
