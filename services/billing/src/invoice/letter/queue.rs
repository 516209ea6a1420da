//! Puts a letter into the queue, in the transaction that is the reason for it.

use super::Kind;
use crate::{Billing, Error, customer::details};
use proto::id::InvoiceId;
use store::{WorkspaceTx, sql};

/// Nothing where it is there already, where nobody is named who could be written to, and where no letters are sent. Whoever calls
/// it holds the lock of the customer.
pub(in crate::invoice) async fn queue(
    service: &Billing,
    tx: &mut WorkspaceTx,
    invoice: InvoiceId,
    kind: Kind,
) -> Result<(), Error> {
    if service.post.is_none() {
        return Ok(());
    }
    let workspace = tx.workspace();
    let recipient = details::read(tx, workspace).await?.email;
    if recipient.is_empty() {
        return Ok(());
    }
    let name = kind.name();
    let values = [workspace.into(), invoice.into(), name.as_str().into(), recipient.into(), service.clock.now().into()];
    if tx.execute(sql!("letter/queue"), &values).await? > 0 && matches!(kind, Kind::Reminder(_)) {
        // Who hears at last that it is late need not hear that it will be.
        tx.execute(sql!("letter/drop_others"), &[workspace.into(), invoice.into(), name.into()]).await?;
    }
    Ok(())
}
