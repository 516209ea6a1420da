//! Opens a way to pay an invoice.

use super::{
    row,
    state::{Invoice, Status},
};
use crate::{
    Billing, Error,
    customer::{details, lock},
    ledger::standing,
    payment::{self, Instructions, Method, Order, Payment},
    peers::{self, Workspace},
};
use chrono::TimeDelta;
use proto::{
    billing::{Checkout, PayInvoiceRequest, PayInvoiceResponse, PaymentChoice},
    id::{InvoiceId, PaymentId, WorkspaceId},
    time::to_proto,
};
use std::collections::BTreeMap;
use store::WorkspaceTx;

/// For how long an invoice without an end can be paid through a provider.
const USUALLY: TimeDelta = TimeDelta::days(3);
/// How soon the provider is asked for the first time.
const FIRST_LOOK: TimeDelta = TimeDelta::minutes(2);

/// Errors: [`Error::NoInvoice`], [`Error::Conflict`], [`Error::Refused`], [`Error::NoPayments`], [`Error::Provider`].
pub(crate) async fn pay(
    service: &Billing,
    workspace: WorkspaceId,
    request: PayInvoiceRequest,
) -> Result<PayInvoiceResponse, Error> {
    let id: InvoiceId = request.invoice_id.parse().map_err(|_| Error::NoInvoice)?;
    let choice = request.payment.unwrap_or_default();
    let found = peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    let (payment, payer) = begun(service, &mut tx, &invoice, &choice, &found).await?;
    let customer = payment::account(&mut tx, &payment.provider).await?;
    tx.commit().await?;
    if payment.reference.is_some() {
        return Ok(PayInvoiceResponse { checkout: Some(checkout(service, payment)) });
    }
    let url = |url: String| Some(url).filter(|url| !url.is_empty());
    let order = Order {
        payment: payment.id,
        method: payment.method,
        amount: payment.amount,
        currency: payment.currency.clone(),
        description: invoice.number.unwrap_or_default(),
        expires_at: payment.expires_at,
        payer,
        success_url: url(choice.success_url),
        cancel_url: url(choice.cancel_url),
        customer,
        mandate: None,
        // What is void when nobody has paid it in time is to be paid now.
        due_at: Some(invoice.due_at).filter(|_| invoice.expires_at.is_none()),
    };
    let payment = made(service, workspace, payment, &order).await?;
    Ok(PayInvoiceResponse { checkout: Some(checkout(service, payment)) })
}

/// The one that can be used, or a new one that the provider does not know yet.
async fn begun(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
    choice: &PaymentChoice,
    found: &Workspace,
) -> Result<(Payment, payment::Payer), Error> {
    let now = service.clock.now();
    if invoice.status != Status::Open || invoice.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::Conflict("the invoice is not open: nothing is to be paid"));
    }
    let workspace = tx.workspace();
    let amount = standing::of(tx, workspace, invoice.id).await?.remaining;
    let method = payment::chosen(service, &invoice.currency, choice)?;
    let payer = details::read(tx, workspace).await?.payer(found);
    if let Some(open) = payment::open(tx, invoice.id, method, now).await?.filter(|open| open.amount == amount) {
        return Ok((open, payer));
    }
    let provider = payment::with(service, method, &invoice.currency).map_or("manual", |provider| provider.name());
    let id = PaymentId::from_uuid(service.ids.uuid());
    let mut payment = Payment {
        id,
        invoice: invoice.id,
        provider: provider.to_owned(),
        method,
        currency: invoice.currency.clone(),
        amount,
        reference: None,
        instructions: Instructions::default(),
        expires_at: invoice.expires_at.unwrap_or(now + USUALLY),
    };
    payment::insert(service, tx, &payment).await?;
    if method == Method::Transfer {
        // Nobody has to be asked: an operator writes it down.
        payment.reference = Some(id.to_string());
        payment::opened(tx, &payment, None).await?;
    }
    Ok((payment, payer))
}

/// Asks the provider to make it. An answer that is lost is asked for again with the same payment, which is the same order.
async fn made(service: &Billing, workspace: WorkspaceId, payment: Payment, order: &Order) -> Result<Payment, Error> {
    let provider = service.providers.iter().find(|provider| provider.name() == payment.provider);
    let provider = provider.ok_or(Error::NoPayments)?;
    let created = provider.create(order).await?;
    let payment = Payment {
        reference: Some(created.reference),
        instructions: created.instructions,
        expires_at: created.expires_at.unwrap_or(order.expires_at),
        ..payment
    };
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let is_first = payment::opened(&mut tx, &payment, Some(service.clock.now() + FIRST_LOOK)).await?;
    // Of two who asked at once, both get what was written down first.
    let kept = if is_first { None } else { payment::one(&mut tx, workspace, payment.id).await? };
    tx.commit().await?;
    Ok(kept.unwrap_or(payment))
}

fn checkout(service: &Billing, payment: Payment) -> Checkout {
    let Instructions { url, pix_copy_paste, pix_qr_png, boleto_barcode, boleto_pdf_url } = payment.instructions;
    let instructions = match payment.method {
        Method::Transfer => service.config.payment_instructions.clone(),
        Method::Card | Method::Pix | Method::Boleto | Method::PixAutomatic => BTreeMap::new(),
    };
    Checkout {
        id: payment.id.to_string(),
        invoice_id: payment.invoice.to_string(),
        method: payment.method.as_str().to_owned(),
        amount: payment.amount,
        currency: payment.currency,
        expires_at: Some(to_proto(payment.expires_at)),
        url: url.unwrap_or_default(),
        pix_copy_paste: pix_copy_paste.unwrap_or_default(),
        pix_qr_png: pix_qr_png.unwrap_or_default(),
        boleto_barcode: boleto_barcode.unwrap_or_default(),
        boleto_pdf_url: boleto_pdf_url.unwrap_or_default(),
        instructions,
    }
}
