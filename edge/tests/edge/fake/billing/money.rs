//! What the fake says of money.

use crate::fake::{CREDITS, INVOICE, PAYMENT, SUBSCRIPTION, WORKSPACE, at};
use proto::{Call, Reason, billing::*};
use tonic::Status;

/// An open one of 29 dollars and the tax on it.
pub fn invoice() -> Invoice {
    Invoice {
        id: INVOICE.into(),
        workspace_id: WORKSPACE.into(),
        number: "INV/00042".into(),
        status: "open".into(),
        billing_reason: "subscription_update".into(),
        currency: "USD".into(),
        lines: vec![InvoiceLine {
            kind: "period".into(),
            description: "Pro".into(),
            period_start: at(1_790_000_000),
            period_end: at(1_792_592_000),
            quantity: 1,
            amount: 2900,
            unit_amount: 2900,
        }],
        taxes: vec![InvoiceTax { name: "VAT".into(), rate: "10".into(), is_inclusive: false, amount: 290 }],
        subtotal: 2900,
        total: 3190,
        credited: 190,
        amount_remaining: 3000,
        created_at: at(1_790_000_000),
        finalized_at: at(1_790_000_000),
        due_at: at(1_790_604_800),
        expires_at: at(1_790_086_400),
        subscription_id: SUBSCRIPTION.into(),
        digest: "5e88".into(),
        payment_methods: vec!["card".into(), "transfer".into()],
        ..Invoice::default()
    }
}

pub fn paid() -> Invoice {
    Invoice {
        status: "paid".into(),
        amount_paid: 3000,
        amount_remaining: 0,
        paid_at: at(1_790_000_100),
        payment_methods: vec![],
        ..invoice()
    }
}

/// A draft, which has neither number nor digest.
pub fn draft() -> Invoice {
    Invoice {
        id: INVOICE.into(),
        workspace_id: WORKSPACE.into(),
        status: "draft".into(),
        billing_reason: "manual".into(),
        currency: "USD".into(),
        created_at: at(1_790_000_000),
        ..Invoice::default()
    }
}

/// Only one is there.
pub fn known_invoice(id: &str) -> Result<(), Status> {
    if id == INVOICE { Ok(()) } else { Err(Reason::NotFound.with("there is no such invoice").into()) }
}

pub fn rendered(request: &RenderInvoiceRequest) -> RenderInvoiceResponse {
    let (content, content_type) = match request.format.as_str() {
        "pdf" => ("%PDF-1.7", "application/pdf"),
        "html" => ("<!doctype html>", "text/html; charset=utf-8"),
        "csv" => ("kind,amount\r\n", "text/csv; charset=utf-8"),
        _ => ("{\"number\":\"INV/00042\"}", "application/json"),
    };
    RenderInvoiceResponse {
        content: content.into(),
        content_type: content_type.into(),
        file_name: format!("INV/00042.{}", request.format),
    }
}

/// One way of each method; card where none is named.
pub fn checkout(request: &PayInvoiceRequest) -> Result<Checkout, Status> {
    let choice = request.payment.clone().unwrap_or_default();
    let mut checkout = Checkout {
        id: PAYMENT.into(),
        invoice_id: request.invoice_id.clone(),
        method: choice.method.clone(),
        amount: 3000,
        currency: "USD".into(),
        expires_at: at(1_790_086_400),
        ..Checkout::default()
    };
    match choice.method.as_str() {
        "" | "card" => {
            checkout.method = "card".into();
            checkout.url = "https://pay.example.com/1".into();
        }
        "pix" => {
            checkout.pix_copy_paste = "00020126".into();
            checkout.pix_qr_png = "data:image/png;base64,iVBO".into();
        }
        "boleto" => checkout.boleto_barcode = "34191.79001".into(),
        "transfer" => checkout.instructions = [("en".to_owned(), "IBAN DE02".to_owned())].into(),
        _ => return Err(Reason::RefusedValue.with("no such method").field("method", "must be card or pix").into()),
    }
    Ok(checkout)
}

pub fn grant() -> CreditGrant {
    CreditGrant {
        id: CREDITS.into(),
        category: "paid".into(),
        currency: "USD".into(),
        amount: 5000,
        remaining: 4100,
        created_at: at(1_790_000_000),
        ..CreditGrant::default()
    }
}

/// The invoice of credits; under the key `paid` one that is paid already.
pub fn bought(call: &Call, request: &BuyCreditsRequest) -> Invoice {
    let found = if call.idempotency_key.as_deref() == Some("paid") { paid() } else { invoice() };
    Invoice { billing_reason: "manual".into(), subtotal: request.amount, ..found }
}

pub fn mandate(status: &str) -> Mandate {
    Mandate {
        id: "mdt_1".into(),
        provider: "efi".into(),
        status: status.into(),
        interval: "month".into(),
        currency: "BRL".into(),
        pix_copy_paste: if status == "pending" { "00020180".into() } else { String::new() },
        created_at: at(1_790_000_000),
    }
}

pub fn dispute() -> Dispute {
    Dispute {
        id: "0190a5d1-c0de-7abc-8123-456789abcdef".into(),
        workspace_id: WORKSPACE.into(),
        provider: "stripe".into(),
        reference: "dp_1".into(),
        received: "ch_1".into(),
        invoice_id: INVOICE.into(),
        currency: "USD".into(),
        amount: 3000,
        status: "needs_response".into(),
        reason: "fraudulent".into(),
        respond_by: at(1_790_086_400),
        opened_at: at(1_790_000_000),
    }
}

pub fn books() -> GetBooksResponse {
    let balance = |account: &str, balance| AccountBalance { account: account.into(), currency: "USD".into(), balance };
    let transfer = LedgerTransfer {
        debit: "receivable".into(),
        credit: "revenue:plans".into(),
        currency: "USD".into(),
        amount: 2900,
    };
    GetBooksResponse {
        balances: vec![balance("receivable", 2900), balance("revenue:plans", -2900)],
        transactions: vec![LedgerTransaction {
            id: "01999999-0000-7000-8000-000000000000".into(),
            kind: "invoice".into(),
            source: format!("invoice:{INVOICE}"),
            invoice_id: INVOICE.into(),
            note: String::new(),
            at: at(1_790_000_000),
            transfers: vec![transfer],
        }],
        next_page_token: "more".into(),
    }
}

/// Of what Efí has received one payment is missing in the books, and while a time is named nobody knows what another is for.
pub fn reconciled(request: &ReconcileRequest) -> Result<ReconcileResponse, Status> {
    // The first moment of 2025.
    if request.from.is_some_and(|from| from.seconds == 1_735_689_600) {
        return Err(Reason::RefusedValue.with("too long").field("from", "must be at most 31 days before to").into());
    }
    let sum = |amount| vec![CreditBalance { currency: "BRL".into(), amount }];
    let difference = |reference: &str, kind: &str, provider_amount, invoice_id: &str| Difference {
        provider: "efi".into(),
        reference: reference.into(),
        kind: kind.into(),
        provider_amount,
        ledger_amount: 0,
        currency: "BRL".into(),
        invoice_id: invoice_id.into(),
        is_explained: kind == "missed",
    };
    let mut differences = vec![difference("E1", "missed", 3000, INVOICE)];
    differences.extend(request.from.map(|_| difference("E2", "unknown", 100, "")));
    Ok(ReconcileResponse {
        providers: vec![ReconciledProvider {
            provider: "efi".into(),
            received_count: 2,
            received: sum(3100),
            ledger: sum(3000),
        }],
        differences,
    })
}

/// One that waits for the next invoice.
pub fn item() -> InvoiceItem {
    InvoiceItem {
        id: "ii_01k9tq6j3se5mb1pt2xdv6q3kz".into(),
        description: "Workshop".into(),
        currency: "USD".into(),
        quantity: 2,
        unit_amount: 500,
        amount: 1000,
        created_by: "usr_01k9tq6j3se5mb1pt2xdv6q3kz".into(),
        created_at: at(1_790_000_000),
        ..InvoiceItem::default()
    }
}
