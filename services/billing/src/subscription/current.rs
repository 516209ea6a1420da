//! The subscription of a workspace as it is now, whether or not somebody has written down what time made of it.

use super::{advance::advance, row::Row, state::Subscription, write};
use crate::{
    Billing, Error, customer,
    invoice::{draft, state::Reason},
};
use proto::{
    Call, Role,
    id::{RequestId, WorkspaceId},
};
use store::{WorkspaceTx, sql};

/// To be read.
pub(super) async fn read(
    service: &Billing,
    tx: &mut WorkspaceTx,
    workspace: WorkspaceId,
) -> Result<Option<Subscription>, Error> {
    let row: Option<Row> = tx.fetch_optional(sql!("subscription/get"), &[workspace.into()]).await?;
    let Some(row) = row else { return Ok(None) };
    let mut subscription = row.read()?;
    advance(&mut subscription, service.clock.now(), &service.terms());
    Ok(Some(subscription))
}

/// As it was written down last.
pub(crate) async fn kept(tx: &mut WorkspaceTx) -> Result<Option<Subscription>, Error> {
    let values = [tx.workspace().into()];
    let row: Option<Row> = tx.fetch_optional(sql!("subscription/get"), &values).await?;
    row.map(Row::read).transpose()
}

/// To be changed: nobody else changes it before the transaction ends. What time has made of it is written down with what is
/// owed for it.
pub(crate) async fn lock(service: &Billing, tx: &mut WorkspaceTx) -> Result<Option<Subscription>, Error> {
    customer::lock(service, tx).await?;
    let Some(before) = kept(tx).await? else { return Ok(None) };
    let mut after = before.clone();
    let passed = advance(&mut after, service.clock.now(), &service.terms());
    if passed.has_changed {
        for renewal in passed.renewals {
            draft::renew(service, tx, renewal, Reason::Cycle).await?;
        }
        let call = Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()));
        write::write(service, &call, tx, Some(&before), &after).await?;
    }
    Ok(Some(after))
}
