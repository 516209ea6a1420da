//! How is an invoice written?

use crate::{
    api::{page::some, time},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::billing::{Invoice, InvoiceLine, InvoiceTax};
use serde::Serialize;
use utoipa::ToSchema;

/// An invoice. Amounts are in the smallest unit of its currency.
#[derive(Serialize, ToSchema)]
#[schema(as = Invoice)]
pub(crate) struct InvoiceBody {
    /// `inv_…`
    id: String,
    /// `ws_…`
    workspace_id: String,
    /// As its issuer counts; none is left out. Null for a draft.
    #[schema(example = "INV-00042")]
    number: Option<String>,
    /// `draft` (only operators see it), `open`, `paid` or `void`.
    status: String,
    /// `subscription_create`, `subscription_cycle`, `subscription_update` or `manual`.
    billing_reason: String,
    /// `sub_…`
    subscription_id: Option<String>,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    lines: Vec<InvoiceLineBody>,
    taxes: Vec<InvoiceTaxBody>,
    /// Without the taxes that are not in the prices.
    subtotal: i64,
    total: i64,
    /// What credits and credit notes have taken off it.
    credited: i64,
    amount_paid: i64,
    amount_remaining: i64,
    /// How it can be paid now: `card`, `pix`, `boleto` or `transfer`.
    payment_methods: Vec<String>,
    created_at: DateTime<Utc>,
    finalized_at: Option<DateTime<Utc>>,
    due_at: Option<DateTime<Utc>>,
    /// When it is void if nobody has paid it.
    expires_at: Option<DateTime<Utc>>,
    paid_at: Option<DateTime<Utc>>,
    voided_at: Option<DateTime<Utc>>,
    /// SHA-256 of its file with the extension `.json`, in hexadecimal. Null for a draft.
    digest: Option<String>,
}

/// One line of an invoice.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceLine)]
struct InvoiceLineBody {
    /// `period`, `unused_time`, `remaining_time`, `usage`, `late_usage`, `credits`, `discount` or `manual`.
    kind: String,
    /// In English; files are in the language of their reader.
    description: String,
    period_start: Option<DateTime<Utc>>,
    period_end: Option<DateTime<Utc>>,
    quantity: i64,
    /// What one costs for a whole period; null where nothing is counted.
    unit_amount: Option<i64>,
    /// Of all of them. Below 0: to the customer.
    amount: i64,
}

/// A tax of an invoice.
#[derive(Serialize, ToSchema)]
#[schema(as = InvoiceTax)]
struct InvoiceTaxBody {
    name: String,
    /// In percent.
    #[schema(example = "2.9")]
    rate: String,
    /// It is in the prices already.
    inclusive: bool,
    amount: i64,
}

impl InvoiceBody {
    /// What a service answered with.
    pub(crate) fn new(invoice: Option<Invoice>) -> Result<Self> {
        invoice.ok_or_else(|| Error::incomplete("the invoice"))?.try_into()
    }
}

impl TryFrom<Invoice> for InvoiceBody {
    type Error = Error;

    fn try_from(invoice: Invoice) -> Result<Self> {
        Ok(Self {
            id: invoice.id,
            workspace_id: invoice.workspace_id,
            number: some(invoice.number),
            status: invoice.status,
            billing_reason: invoice.billing_reason,
            subscription_id: some(invoice.subscription_id),
            currency: invoice.currency,
            lines: invoice.lines.into_iter().map(InvoiceLineBody::from).collect(),
            taxes: invoice.taxes.into_iter().map(InvoiceTaxBody::from).collect(),
            subtotal: invoice.subtotal,
            total: invoice.total,
            credited: invoice.credited,
            amount_paid: invoice.amount_paid,
            amount_remaining: invoice.amount_remaining,
            payment_methods: invoice.payment_methods,
            created_at: time::always(invoice.created_at)?,
            finalized_at: time::maybe(invoice.finalized_at),
            due_at: time::maybe(invoice.due_at),
            expires_at: time::maybe(invoice.expires_at),
            paid_at: time::maybe(invoice.paid_at),
            voided_at: time::maybe(invoice.voided_at),
            digest: some(invoice.digest),
        })
    }
}

impl From<InvoiceLine> for InvoiceLineBody {
    fn from(line: InvoiceLine) -> Self {
        let InvoiceLine { kind, description, period_start, period_end, quantity, unit_amount, amount } = line;
        let (period_start, period_end) = (time::maybe(period_start), time::maybe(period_end));
        let unit_amount = Some(unit_amount).filter(|amount| *amount != 0);
        Self { kind, description, period_start, period_end, quantity, unit_amount, amount }
    }
}

impl From<InvoiceTax> for InvoiceTaxBody {
    fn from(tax: InvoiceTax) -> Self {
        let InvoiceTax { name, rate, is_inclusive, amount } = tax;
        Self { name, rate, inclusive: is_inclusive, amount }
    }
}
