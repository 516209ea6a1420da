//! Is somebody still to pay it?

use super::{Method, Payment};
use crate::{Billing, Error, ledger::standing, mandate};
use chrono::{DateTime, Utc};
use store::{WorkspaceTx, sql};

/// Whether it is, and what belongs to that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Whether it may be paid.
    pub is_wanted: bool,
    /// Whether another one is, as the invoice has become another amount.
    pub is_replaced: bool,
    /// Whether it was thought until now that it can be paid.
    pub is_open: bool,
    /// By which it is taken.
    pub mandate: Option<String>,
}

/// What a mandate pays is wanted while that is in force, and as long as it is what is left of the invoice: nobody is there who would
/// notice another amount.
pub(super) async fn find(service: &Billing, tx: &mut WorkspaceTx, payment: &Payment) -> Result<Wanted, Error> {
    let workspace = tx.workspace();
    let is_owed = is_owed(service, tx, payment).await?;
    let values = [workspace.into(), payment.id.into()];
    let (status,): (String,) = tx.fetch_one(sql!("payment/status"), &values).await?;
    let is_open = status == "open";
    if payment.method != Method::PixAutomatic {
        return Ok(Wanted { is_wanted: is_owed, is_open, ..Wanted::default() });
    }
    let mandate = mandate::of_invoice(tx, payment.invoice, &payment.provider).await?;
    let remaining = standing::of(tx, workspace, payment.invoice).await?.remaining;
    let may = is_owed && is_open && mandate.is_some();
    let is_all = remaining == payment.amount;
    Ok(Wanted { is_wanted: may && is_all, is_replaced: may && !is_all && remaining > 0, is_open, mandate })
}

/// Whether its invoice can still be paid. Money for a boleto takes days to arrive: it is not closed meanwhile.
async fn is_owed(service: &Billing, tx: &mut WorkspaceTx, payment: &Payment) -> Result<bool, Error> {
    let values = [tx.workspace().into(), payment.invoice.into()];
    let found: Option<(String, Option<DateTime<Utc>>)> = tx.fetch_optional(sql!("invoice/status"), &values).await?;
    let now = service.clock.now();
    Ok(found.is_some_and(|(status, expires_at)| {
        status == "open" && expires_at.is_none_or(|at| at + payment.method.clears_within() > now)
    }))
}
