//! That a customer has allowed once, in the application of their bank, that each invoice of their subscription is taken from their
//! account (PIX Automático).

pub(crate) mod end;
pub(crate) mod look;
pub(crate) mod open;
mod row;

use crate::{Billing, Error};
use proto::{
    billing::Mandate,
    id::{InvoiceId, WorkspaceId},
};
use store::{WorkspaceTx, sql};

/// Whether an invoice is going to be taken by one, or has been ordered and not failed for good.
pub(crate) async fn takes(tx: &mut WorkspaceTx, invoice: InvoiceId) -> Result<bool, Error> {
    let values = [tx.workspace().into(), invoice.into()];
    let found: Option<(String,)> = tx.fetch_optional(sql!("mandate/takes"), &values).await?;
    Ok(found.is_some())
}

/// The newest of a workspace. Errors: [`Error::NoMandate`].
pub(crate) async fn get(service: &Billing, workspace: WorkspaceId) -> Result<Mandate, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    Ok(row::newest(&mut tx).await?.ok_or(Error::NoMandate)?.shown())
}
