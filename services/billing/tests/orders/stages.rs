//! What happens at a provider, and what it tells of that: eight notifications each.

mod bank;
mod boleto;
mod card;
mod claims;
mod pix;
mod taken;

pub use bank::{Bank, Kept, SECRET};
pub use boleto::Boleto;
pub use card::{Card, Shop};
pub use claims::Claimed;
pub use pix::Pix;
pub use taken::Taken;

use crate::house::House;
use billing::payment::Provider;
use proto::{
    Call,
    billing::{
        BillingDetails, PayInvoiceRequest, PaymentChoice, PostalAddress, PutBillingDetailsRequest,
        ReceiveNotificationRequest,
    },
};
use std::sync::Arc;
use store::testing::Fresh;

/// The way of one payment at a provider.
pub trait Stage {
    /// How many notifications there are.
    const EVENTS: usize = 8;
    /// All that the provider knows.
    type Kept: Clone;

    /// Through whom it is paid.
    fn providers(&self) -> Vec<Arc<dyn Provider>>;
    /// What it knows now.
    fn keep(&self) -> Self::Kept;
    /// It knows this from now on.
    fn put(&self, kept: Self::Kept);
    /// What tells one such knowledge from another.
    fn print(kept: &Self::Kept) -> String;
    /// The n-th thing happens there.
    fn happen(&self, n: usize);
    /// It tells of it.
    fn tells(&self, n: usize) -> ReceiveNotificationRequest;
}

impl House {
    /// One whose invoices are paid by card, through Stripe.
    pub async fn with_shop(fresh: [Fresh; 3]) -> (Self, Shop) {
        let mut opened = None;
        let house = Self::open_with(fresh, async |clock| {
            let shop = opened.insert(Shop::open(clock).await);
            Some(shop.providers())
        });
        (house.await, opened.unwrap())
    }

    /// One whose invoices are paid by PIX and boleto, through Efí.
    pub async fn with_bank(fresh: [Fresh; 3]) -> (Self, Bank) {
        let mut opened = None;
        let house = Self::open_with(fresh, async |clock| {
            let bank = opened.insert(Bank::open(clock).await);
            Some(bank.providers())
        });
        (house.await, opened.unwrap())
    }
}

/// A workspace that wants `basic`, and the way to pay for it by this method: its reference at the provider.
pub async fn charged(house: &House, method: &str) -> (Call, String) {
    let call = house.workspace().await;
    named(house, &call).await;
    let pending = house.change(&call, "basic").await.unwrap().pending_update.unwrap();
    let payment = PaymentChoice {
        method: method.to_owned(),
        success_url: "https://app.example.com/paid".to_owned(),
        ..PaymentChoice::default()
    };
    let request = PayInvoiceRequest { invoice_id: pending.invoice_id, payment: Some(payment) };
    let checkout = house.billing.pay_invoice(&call, request).await.unwrap().checkout.unwrap();
    assert_eq!(checkout.amount, 29_700);
    (call, checkout.id)
}

/// It says who pays.
async fn named(house: &House, call: &Call) {
    let address = PostalAddress {
        line1: "Avenida JK, 909".to_owned(),
        district: "Bauxita".to_owned(),
        city: "Ouro Preto".to_owned(),
        state: "MG".to_owned(),
        postal_code: "35400000".to_owned(),
        country: "BR".to_owned(),
        ..PostalAddress::default()
    };
    let (name, tax_id) = ("Empresa Exemplo Ltda".to_owned(), "12ABC34501DE35".to_owned());
    let details = Some(BillingDetails { name, tax_id, address: Some(address), ..BillingDetails::default() });
    house.billing.put_billing_details(call, PutBillingDetailsRequest { details }).await.unwrap();
}
