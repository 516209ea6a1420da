//! The subscription of a workspace as it is now, whether or not somebody has written down what time made of it.

use super::{advance::advance, row::Row, state::Subscription};
use crate::{Billing, Error};
use proto::id::WorkspaceId;
use store::{WorkspaceTx, sql};

/// To be read.
pub(super) async fn read(
    service: &Billing,
    tx: &mut WorkspaceTx,
    workspace: WorkspaceId,
) -> Result<Option<Subscription>, Error> {
    let row: Option<Row> = tx.fetch_optional(sql!("subscription/get"), &[workspace.into()]).await?;
    now(service, row)
}

/// To be changed: nobody else changes it before the transaction ends.
pub(super) async fn lock(
    service: &Billing,
    tx: &mut WorkspaceTx,
    workspace: WorkspaceId,
) -> Result<Option<Subscription>, Error> {
    let row: Option<Row> = tx.fetch_optional(sql!("subscription/lock"), &[workspace.into()]).await?;
    now(service, row)
}

fn now(service: &Billing, row: Option<Row>) -> Result<Option<Subscription>, Error> {
    let Some(row) = row else { return Ok(None) };
    let mut subscription = row.read()?;
    advance(&mut subscription, service.clock.now(), service.grace());
    Ok(Some(subscription))
}
