//! Nothing is taken any more.

use super::{
    open::made,
    row::{self, Row, keep},
};
use crate::{Billing, Error, payment::MandateStatus, peers};
use proto::{Call, billing::Mandate, id::WorkspaceId};
use store::WorkspaceTx;

/// The same again changes nothing. What was ordered already, its payer's bank may still take. Errors: [`Error::NoMandate`],
/// [`Error::Provider`].
pub(crate) async fn end(service: &Billing, call: &Call, workspace: WorkspaceId) -> Result<Mandate, Error> {
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    let row = row::newest(&mut tx).await?.ok_or(Error::NoMandate)?;
    tx.commit().await?;
    if !row.is_live() {
        return Ok(row.shown());
    }
    let provider = service.providers.iter().find(|provider| provider.name() == row.provider);
    let provider = provider.ok_or(Error::NoMandates)?;
    let reference = match &row.reference {
        Some(reference) => reference.clone(),
        // Its answer was lost: it may be there all the same.
        None => {
            let found = peers::workspace(service, workspace).await?;
            made(service, call, workspace, provider, &row, &found).await?.reference
        }
    };
    provider.end_mandate(row.mandate_id, &reference).await?;
    let row = Row { reference: Some(reference), status: MandateStatus::Ended.as_str().to_owned(), ..row };
    keep(service, call, workspace, &row, None).await?;
    Ok(row.shown())
}
