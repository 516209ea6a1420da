//! Opens a way to pay an invoice.

use super::{
    row,
    state::{Invoice, Status},
};
use crate::{
    Billing, Error,
    customer::{details, lock},
    error::refused,
    ledger::standing,
    payment::{self, Instructions, Method, Order, Payment},
    peers::{self, Workspace},
};
use chrono::TimeDelta;
use proto::{
    billing::{Checkout, PayInvoiceRequest, PayInvoiceResponse},
    id::{InvoiceId, PaymentId, WorkspaceId},
    time::to_proto,
};
use std::collections::BTreeMap;
use store::WorkspaceTx;

const MAX_URL: usize = 2_000;
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
    if request.method == Method::Card.as_str() && request.success_url.is_empty() {
        return Err(refused("success_url", "is needed to pay by card: a browser goes there afterwards"));
    }
    let id: InvoiceId = request.invoice_id.parse().map_err(|_| Error::NoInvoice)?;
    for (field, url) in [("success_url", &request.success_url), ("cancel_url", &request.cancel_url)] {
        is_url(field, url)?;
    }
    let found = peers::workspace(service, workspace).await?;
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    lock(service, &mut tx).await?;
    let invoice = row::one(&mut tx, workspace, id).await?;
    let (payment, payer) = begun(service, &mut tx, &invoice, &request.method, &found).await?;
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
        success_url: url(request.success_url),
        cancel_url: url(request.cancel_url),
    };
    let payment = made(service, workspace, payment, &order).await?;
    Ok(PayInvoiceResponse { checkout: Some(checkout(service, payment)) })
}

/// The one that can be used, or a new one that the provider does not know yet.
async fn begun(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: &Invoice,
    wished: &str,
    found: &Workspace,
) -> Result<(Payment, payment::Payer), Error> {
    let now = service.clock.now();
    if invoice.status != Status::Open || invoice.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::Conflict("the invoice is not open: nothing is to be paid"));
    }
    let workspace = tx.workspace();
    let amount = standing::of(tx, workspace, invoice.id).await?.remaining;
    let methods = payment::methods(service, &invoice.currency);
    let method = match wished {
        "" => methods.first().copied().ok_or(Error::NoPayments)?,
        name => Method::parse(name).filter(|method| methods.contains(method)).ok_or_else(|| {
            let names: Vec<_> = methods.iter().map(|method| method.as_str()).collect();
            match names.as_slice() {
                [] => Error::NoPayments,
                names => refused("method", format!("must be one of {}", names.join(", "))),
            }
        })?,
    };
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
    let provider = payment::with(service, order.method, &order.currency).ok_or(Error::NoPayments)?;
    let created = provider.create(order).await?;
    let payment = Payment {
        reference: Some(created.reference),
        instructions: created.instructions,
        expires_at: created.expires_at.unwrap_or(order.expires_at),
        ..payment
    };
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    payment::opened(&mut tx, &payment, Some(service.clock.now() + FIRST_LOOK)).await?;
    tx.commit().await?;
    Ok(payment)
}

fn checkout(service: &Billing, payment: Payment) -> Checkout {
    let Instructions { url, pix_copy_paste, pix_qr_png, boleto_barcode, boleto_pdf_url } = payment.instructions;
    let instructions = match payment.method {
        Method::Transfer => service.config.payment_instructions.clone(),
        Method::Card | Method::Pix | Method::Boleto => BTreeMap::new(),
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

/// Where a browser is sent must be a page that browsers may be sent to.
fn is_url(field: &'static str, url: &str) -> Result<(), Error> {
    let is_local = ["http://localhost", "http://127.0.0.1"]
        .iter()
        .any(|local| url.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/', '?'])));
    let is_one = url.is_empty() || is_local || url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty());
    if !is_one || url.len() > MAX_URL || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused(field, "must be an https:// address of at most 2000 characters"));
    }
    Ok(())
}
