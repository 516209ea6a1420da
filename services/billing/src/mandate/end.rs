//! Nothing is taken any more.

use super::{
    open::made,
    row::{self, Row, keep},
};
use crate::{Billing, Error, payment::MandateStatus, peers};
use proto::{Call, billing::Mandate, id::WorkspaceId};
use store::WorkspaceTx;

/// The same again changes nothing. What was ordered already is taken back, unless its day has come. Errors: [`Error::NoMandate`],
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
    let known = row.reference.clone();
    let mut reference = match known.clone() {
        Some(reference) => reference,
        // Its answer was lost: it may be there all the same.
        None => {
            let found = peers::workspace(service, workspace).await?;
            made(service, call, workspace, provider, &row, &found).await?.reference
        }
    };
    if let Some(since) = row.asked_since() {
        // None of several may be left that somebody could allow.
        reference = provider.look_mandate(row.mandate_id, &reference, Some(since)).await?.reference;
    }
    provider.end_mandate(row.mandate_id, &reference).await?;
    let row = Row { reference: Some(reference), status: MandateStatus::Ended.as_str().to_owned(), ..row };
    Ok(keep(service, call, workspace, &row, known.as_deref(), None).await?.shown())
}
