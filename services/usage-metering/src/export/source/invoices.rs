//! The invoices of a workspace, as billing keeps them: those that were closed in the period, newest first.

use super::Source;
use crate::{
    Error,
    export::encode::{Cell, Encoder},
    peers,
};
use host::Ids;
use proto::{
    billing::{Billing, Invoice, InvoiceLine},
    time::from_proto,
};
use serde_json::json;

pub(super) const COLUMNS: &[&str] = &[
    "id",
    "number",
    "status",
    "billing_reason",
    "subscription_id",
    "currency",
    "subtotal",
    "total",
    "credited",
    "amount_paid",
    "amount_remaining",
    "created_at",
    "issued_at",
    "due_at",
    "paid_at",
    "voided_at",
    "digest",
    "lines",
];

/// Writes the next page, and says how many invoices it had; none at the end. Errors: billing is away.
pub(super) async fn page(
    billing: Option<&Billing>,
    ids: &Ids,
    source: &mut Source,
    encoder: &mut Encoder,
) -> Result<usize, Error> {
    let billing = billing.ok_or(Error::NoInvoices)?;
    let period = source.period;
    // A page without what was asked for would look like the end.
    while let Some(token) = source.invoices.take() {
        let found = peers::invoices(billing, ids, source.workspace, period, token).await?;
        source.invoices = Some(found.next_page_token).filter(|token| !token.is_empty());
        let mut written = 0;
        for invoice in &found.invoices {
            // A billing of the release before does not know the period.
            let closed_at = invoice.finalized_at.and_then(from_proto);
            if closed_at.is_some_and(|at| period.from <= at && at < period.to) {
                let lines = json!(invoice.lines.iter().map(line).collect::<Vec<_>>()).to_string();
                encoder.row(&cells(invoice, &lines))?;
                written += 1;
            }
        }
        if written > 0 {
            return Ok(written);
        }
    }
    Ok(0)
}

fn line(line: &InvoiceLine) -> serde_json::Value {
    let InvoiceLine { kind, description, quantity, unit_amount, amount, .. } = line;
    json!({ "kind": kind, "description": description, "quantity": quantity, "unit_amount": unit_amount, "amount": amount })
}

/// Amounts are in the smallest unit of the currency.
fn cells<'a>(invoice: &'a Invoice, lines: &'a str) -> [Cell<'a>; COLUMNS.len()] {
    let time = |at: Option<prost_types::Timestamp>| Cell::maybe(at.and_then(from_proto), Cell::Time);
    [
        Cell::text(&invoice.id),
        Cell::text(&invoice.number),
        Cell::text(&invoice.status),
        Cell::text(&invoice.billing_reason),
        Cell::text(&invoice.subscription_id),
        Cell::text(&invoice.currency),
        Cell::Int(invoice.subtotal),
        Cell::Int(invoice.total),
        Cell::Int(invoice.credited),
        Cell::Int(invoice.amount_paid),
        Cell::Int(invoice.amount_remaining),
        time(invoice.created_at),
        time(invoice.finalized_at),
        time(invoice.due_at),
        time(invoice.paid_at),
        time(invoice.voided_at),
        Cell::text(&invoice.digest),
        Cell::json(lines),
    ]
}
