//! A charge of PIX is paid in three parts, one of them too much, a stranger's money stands among them, and a part goes back.

use super::{Bank, Kept, Stage};
use crate::{efi::KEY, house::House, stages::charged};
use billing::payment::Provider;
use proto::{Call, billing::ReceiveNotificationRequest};
use serde_json::json;
use std::sync::Arc;

/// Efí, as it is with one charge.
pub struct Pix {
    bank: Bank,
    txid: String,
}

impl Pix {
    /// A workspace that is about to pay by PIX.
    pub async fn of(house: &House, bank: &Bank) -> (Self, Call) {
        let known: Vec<String> = bank.fake.state().cobs.keys().cloned().collect();
        let (call, _) = charged(house, "pix").await;
        let txid = bank.fake.state().cobs.keys().find(|txid| !known.contains(txid)).unwrap().clone();
        (Self { bank: bank.clone(), txid }, call)
    }

    fn refund(&self, status: &'static str) {
        let mut fake = self.bank.fake.state();
        let paid = fake.pix.iter_mut().rfind(|paid| paid.txid.as_ref() == Some(&self.txid)).unwrap();
        paid.refunds = vec![("back1".to_owned(), "3.00".to_owned(), status)];
    }
}

impl Stage for Pix {
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
        let pay = |key: &str, amount| self.bank.fake.state().pay(Some(&self.txid), Some(key), amount);
        match n {
            0 => drop(pay(KEY, "100.00")),
            1 => drop(pay("foreign@example.com", "1000.00")),
            2 => drop(pay(KEY, "150.00")),
            3 => {
                pay(KEY, "50.00");
                self.bank.fake.state().conclude(&self.txid);
            }
            5 => self.refund("EM_PROCESSAMENTO"),
            6 => self.refund("DEVOLVIDO"),
            _ => {}
        }
    }

    fn tells(&self, n: usize) -> ReceiveNotificationRequest {
        // What it says of amounts is wrong on purpose: only the name of the charge is read.
        let one = |of: usize| json!({ "endToEndId": format!("E{of:031}"), "txid": self.txid, "valor": "9999.99", "chave": KEY });
        let entries = match n {
            4 => json!([one(0), one(2), { "endToEndId": "E1", "tipo": "SOLICITACAO", "txid": null }, one(3)]),
            5 | 6 => {
                json!([{ "endToEndId": "E3", "txid": self.txid, "devolucoes": [{ "id": "back1", "valor": "3.00", "n": n }] }])
            }
            n => json!([one(n)]),
        };
        let body = json!({ "pix": entries }).to_string();
        ReceiveNotificationRequest {
            channel: "efi.pix".to_owned(),
            body: body.into(),
            secret: super::SECRET.to_owned(),
            ..ReceiveNotificationRequest::default()
        }
    }
}
