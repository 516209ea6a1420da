//! That a customer has allowed once, in the application of their bank, that each invoice of their subscription is taken from their
//! account (PIX Automático).

pub(crate) mod end;
pub(crate) mod look;
pub(crate) mod open;
mod row;

use crate::{Billing, Error, brazil};
use chrono::{DateTime, Utc};
use proto::{
    billing::Mandate,
    id::{InvoiceId, WorkspaceId},
};
use store::{WorkspaceTx, sql};

/// Whether an invoice is going to be taken by one, or has been ordered and not failed for good.
pub(crate) async fn takes(tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<bool, Error> {
    let values = [tx.workspace().into(), invoice.into()];
    let found: Option<(DateTime<Utc>, DateTime<Utc>)> = tx.fetch_optional(sql!("mandate/takes"), &values).await?;
    Ok(found.is_some_and(|(first_at, due_at)| due_at >= begin(first_at)))
}

/// What a provider calls the one in force by which an invoice may be taken.
pub(crate) async fn of_invoice(
    tx: &mut WorkspaceTx,
    invoice: InvoiceId,
    provider: &str,
) -> Result<Option<String>, Error> {
    let values = [tx.workspace().into(), invoice.into(), provider.into()];
    let found: Option<(String, DateTime<Utc>, DateTime<Utc>)> =
        tx.fetch_optional(sql!("mandate/of_invoice"), &values).await?;
    Ok(found.filter(|(_, first_at, due_at)| *due_at >= begin(*first_at)).map(|(reference, ..)| reference))
}

/// When it begins whose first invoice is due then: what was due on a day before, its payer has not allowed.
fn begin(first_at: DateTime<Utc>) -> DateTime<Utc> {
    brazil::start_of(brazil::day(first_at))
}

/// The newest of a workspace. Errors: [`Error::NoMandate`].
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<Mandate, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    Ok(row::newest(&mut tx).await?.ok_or(Error::NoMandate)?.shown())
}
