//! An invoice as clients see it.

use super::{
    document::{Document, Line, Tax},
    render::{Language, description},
    row,
    state::{Invoice, Status},
};
use crate::{Billing, Error, ledger::standing, payment};
use proto::{
    billing::{self, InvoiceLine, InvoiceTax},
    id::{InvoiceId, WorkspaceId},
    time::to_proto,
};
use store::{Tx, WorkspaceTx};

/// One invoice of the transaction's workspace. Errors: [`Error::NoInvoice`].
pub(super) async fn show(service: &Billing, tx: &mut WorkspaceTx, id: InvoiceId) -> Result<billing::Invoice, Error> {
    let workspace = tx.workspace();
    let invoice = row::one(tx, workspace, id).await?;
    of(service, tx, workspace, &invoice).await
}

/// The same of one that was read already.
pub(super) async fn of(
    service: &Billing,
    tx: &mut Tx,
    workspace: WorkspaceId,
    invoice: &Invoice,
) -> Result<billing::Invoice, Error> {
    let standing = match invoice.status {
        Status::Open | Status::Paid => standing::of(tx, workspace, invoice.id).await?,
        // Nothing is owed, and nothing was paid that was not given back.
        Status::Draft | Status::Void => standing::Standing::default(),
    };
    let (lines, taxes, subtotal, total) = match &invoice.document {
        Some(_) => {
            let Document { lines, taxes, subtotal, total, .. } = invoice.document()?;
            (lines, taxes, subtotal, total)
        }
        None => {
            let sum = invoice.lines.iter().map(|line| line.amount).sum();
            (invoice.lines.clone(), vec![], sum, sum)
        }
    };
    let is_owed = matches!(invoice.status, Status::Open | Status::Paid);
    let payment_methods = match invoice.status {
        Status::Open => payment::methods(service, &invoice.currency),
        Status::Draft | Status::Paid | Status::Void => vec![],
    };
    Ok(billing::Invoice {
        id: invoice.id.to_string(),
        workspace_id: workspace.to_string(),
        number: invoice.number.clone().unwrap_or_default(),
        status: invoice.status.as_str().to_owned(),
        billing_reason: invoice.reason.as_str().to_owned(),
        currency: invoice.currency.clone(),
        lines: lines.iter().map(line).collect(),
        taxes: taxes.into_iter().map(tax).collect(),
        subtotal,
        total,
        credited: if is_owed { total.max(0) - standing.paid.max(0) - standing.remaining } else { 0 },
        amount_paid: standing.paid.max(0),
        amount_remaining: standing.remaining,
        created_at: Some(to_proto(invoice.created_at)),
        finalized_at: invoice.finalized_at.map(to_proto),
        due_at: Some(to_proto(invoice.due_at)),
        expires_at: invoice.expires_at.map(to_proto),
        paid_at: invoice.paid_at.map(to_proto),
        voided_at: invoice.voided_at.map(to_proto),
        subscription_id: invoice.subscription.map(String::from).unwrap_or_default(),
        digest: invoice.document.as_ref().map(|(_, digest)| digest.clone()).unwrap_or_default(),
        payment_methods: payment_methods.into_iter().map(|method| method.as_str().to_owned()).collect(),
    })
}

fn line(line: &Line) -> InvoiceLine {
    InvoiceLine {
        kind: line.kind.as_str().to_owned(),
        description: description(line, Language::En),
        period_start: line.period_start.map(to_proto),
        period_end: line.period_end.map(to_proto),
        quantity: line.quantity,
        amount: line.amount,
        unit_amount: line.unit_amount.unwrap_or_default(),
    }
}

fn tax(tax: Tax) -> InvoiceTax {
    InvoiceTax { name: tax.name, rate: tax.rate, is_inclusive: tax.is_inclusive, amount: tax.amount }
}
