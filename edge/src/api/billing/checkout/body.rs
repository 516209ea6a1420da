//! How is it written what is to be paid, and in which way?

use super::super::body::SubscriptionBody;
use crate::api::{page::some, time};
use chrono::{DateTime, Utc};
use proto::billing::{Checkout, PayInvoiceRequest, PaymentChoice, Subscription};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// It waits for the payment.
const OPEN: &str = "open";
/// Nothing is to be paid.
const COMPLETE: &str = "complete";

/// A plan, and how it is paid if it costs more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "pro", "interval": "month", "method": "pix"}))]
pub(crate) struct PlanCheckout {
    /// Its name.
    pub plan: String,
    /// `month` or `year`. Default: that of the subscription, or else `month`.
    pub interval: Option<String>,
    /// How many, 1 to the `max_quantity` of the plan. Default: as many as there are, or else 1.
    pub quantity: Option<i64>,
    /// In upper or lower case. It takes the place of the discount that there is.
    pub promotion_code: Option<String>,
    /// `card`, `pix`, `boleto` or `transfer`. Default: the first that there is for the currency.
    pub method: Option<String>,
    /// Where the browser goes when it has paid; https, at most 2000 characters.
    pub success_url: Option<String>,
    /// Where it goes when it has not; https, at most 2000 characters.
    pub cancel_url: Option<String>,
}

/// How an invoice is paid.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"method": "card", "success_url": "https://example.com/paid"}))]
pub(crate) struct InvoiceCheckout {
    /// `card`, `pix`, `boleto` or `transfer`. Default: the first that there is for the currency.
    pub method: Option<String>,
    /// Where the browser goes when it has paid; https, at most 2000 characters.
    pub success_url: Option<String>,
    /// Where it goes when it has not; https, at most 2000 characters.
    pub cancel_url: Option<String>,
}

/// How many credits, and how they are paid.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"amount": 5000, "currency": "USD", "method": "card"}))]
pub(crate) struct CreditsCheckout {
    /// In the smallest unit of the currency.
    pub amount: i64,
    /// ISO 4217. Default: that of the workspace.
    pub currency: Option<String>,
    /// `card`, `pix`, `boleto` or `transfer`. Default: the first that there is for the currency.
    pub method: Option<String>,
    /// Where the browser goes when it has paid; https, at most 2000 characters.
    pub success_url: Option<String>,
    /// Where it goes when it has not; https, at most 2000 characters.
    pub cancel_url: Option<String>,
}

/// A way to pay, or that nothing is to be paid. Which of `url`, `pix`, `boleto` and `instructions` there is follows from the
/// method.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = Checkout)]
pub(crate) struct CheckoutBody {
    /// `open`: it waits for the payment. `complete`: nothing is to be paid, and what follows is there already or will be.
    status: &'static str,
    /// `pay_…`; null where nothing is to be paid.
    checkout_id: Option<String>,
    /// `inv_…`; null where there is none.
    invoice_id: Option<String>,
    /// `card`, `pix`, `boleto` or `transfer`.
    method: Option<String>,
    /// In the smallest unit of the currency.
    amount: Option<i64>,
    /// ISO 4217.
    #[schema(example = "BRL")]
    currency: Option<String>,
    /// A page of the provider, where one pays.
    url: Option<String>,
    pix: Option<PixBody>,
    boleto: Option<BoletoBody>,
    /// Of a transfer, by language: `en`, `pt-BR`.
    instructions: Option<BTreeMap<String, String>>,
    /// Until when it can be paid like this.
    expires_at: Option<DateTime<Utc>>,
    /// After a change of plan that needs no payment.
    subscription: Option<SubscriptionBody>,
}

/// A charge of PIX.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckoutPix)]
struct PixBody {
    /// What is pasted into the application of the bank.
    copy_paste: String,
    /// The same as a picture: `data:image/png;base64,…`
    qr_png: Option<String>,
}

/// A boleto.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckoutBoleto)]
struct BoletoBody {
    /// Its digits.
    barcode: String,
    pdf_url: Option<String>,
}

impl InvoiceCheckout {
    /// As the service takes it.
    pub(crate) fn of(self, invoice_id: String) -> PayInvoiceRequest {
        PayInvoiceRequest { invoice_id, payment: Some(self.choice()) }
    }

    /// The same before there is an invoice.
    pub(crate) fn choice(self) -> PaymentChoice {
        PaymentChoice {
            method: self.method.unwrap_or_default(),
            success_url: self.success_url.unwrap_or_default(),
            cancel_url: self.cancel_url.unwrap_or_default(),
        }
    }
}

impl CreditsCheckout {
    /// As the service takes it, once there is an invoice.
    pub(crate) fn of(self, invoice_id: String) -> PayInvoiceRequest {
        PayInvoiceRequest { invoice_id, payment: Some(self.choice()) }
    }

    /// The same before there is one.
    pub(crate) fn choice(self) -> PaymentChoice {
        let Self { method, success_url, cancel_url, .. } = self;
        InvoiceCheckout { method, success_url, cancel_url }.choice()
    }
}

impl CheckoutBody {
    /// The plan was changed, or will be, and nothing is to be paid now.
    pub(super) fn changed(subscription: Subscription) -> Self {
        Self { status: COMPLETE, subscription: Some(subscription.into()), ..Self::default() }
    }

    /// The invoice is paid already.
    pub(crate) fn paid(invoice_id: String) -> Self {
        Self { status: COMPLETE, invoice_id: Some(invoice_id), ..Self::default() }
    }
}

impl From<Checkout> for CheckoutBody {
    fn from(checkout: Checkout) -> Self {
        let checkout_id = some(checkout.id);
        let pix = |copy_paste| PixBody { copy_paste, qr_png: some(checkout.pix_qr_png) };
        let boleto = |barcode| BoletoBody { barcode, pdf_url: some(checkout.boleto_pdf_url) };
        Self {
            status: if checkout_id.is_some() { OPEN } else { COMPLETE },
            checkout_id,
            invoice_id: some(checkout.invoice_id),
            method: some(checkout.method),
            amount: Some(checkout.amount),
            currency: some(checkout.currency),
            url: some(checkout.url),
            pix: some(checkout.pix_copy_paste).map(pix),
            boleto: some(checkout.boleto_barcode).map(boleto),
            instructions: Some(checkout.instructions).filter(|texts| !texts.is_empty()),
            expires_at: time::maybe(checkout.expires_at),
            subscription: None,
        }
    }
}
