//! Follows the workspace service: who deletes a workspace pays for nothing more. The books stay, as the law wants them to.

use crate::{Billing, Error, peers, subscription::cancel};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    billing::CancelSubscriptionRequest,
    feed::{Event, WatchRequest},
    id::{RequestId, WorkspaceId},
};
use store::{erase, position};

/// Whose feed it is, in `feed_positions`.
const SOURCE: &str = "workspace";

/// What is kept of a workspace that is gone: what was sold to whom, and what was paid for it.
const KEPT: [&str; 13] = [
    "subscriptions",
    "customers",
    "invoices",
    "ledger_transactions",
    "ledger_transfers",
    "credit_grants",
    "payments",
    "refunds",
    "redemptions",
    "invoice_items",
    "provider_customers",
    "disputes",
    "mandates",
];

impl Billing {
    /// Follows the feed of the workspace service from where it stopped.
    pub fn follow(&self, tasks: &Tasks) {
        let (reader, writer) = (self.clone(), self.clone());
        let open = move |after| {
            let service = reader.clone();
            async move {
                let after = position::start(&service.db, SOURCE, after).await.map_err(Error::from)?;
                service.workspaces.watch(&ours(&service), WatchRequest { after: Some(after) }).await
            }
        };
        let apply = move |event| {
            let service = writer.clone();
            async move { Ok(apply(&service, event).await?) }
        };
        Tail::start("workspaces that go", open, apply, tasks);
    }
}

async fn apply(service: &Billing, event: Event) -> Result<(), Error> {
    if !matches!(event.kind.as_str(), "workspace.deleted" | "workspace.purged") {
        return Ok(position::pass(&service.db, SOURCE, event.position).await?);
    }
    match event.workspace_id.parse::<WorkspaceId>() {
        Ok(workspace) if event.kind == "workspace.deleted" => end(service, workspace).await?,
        Ok(workspace) => {
            end(service, workspace).await?;
            erase::workspace(&service.db, workspace, &KEPT).await?;
        }
        Err(_) => tracing::warn!(position = event.position, "event of a workspace cannot be read, skipped"),
    }
    Ok(position::keep(&service.db, SOURCE, event.position).await?)
}

/// Its subscription ends at once; what was used until now is invoiced. One that was restored before this service heard of its
/// end keeps what it has.
async fn end(service: &Billing, workspace: WorkspaceId) -> Result<(), Error> {
    match peers::workspace(service, workspace).await {
        Ok(found) if !found.is_deleted => return Ok(()),
        Ok(_) | Err(Error::NoWorkspace) => {}
        Err(error) => return Err(error),
    }
    let call = Call { workspace: Some(workspace), ..ours(service) };
    match cancel::cancel(service, &call, workspace, CancelSubscriptionRequest { at_once: true }).await {
        Ok(_) | Err(Error::NoSubscription) => Ok(()),
        Err(error) => Err(error),
    }
}

fn ours(service: &Billing) -> Call {
    Call::service(Role::Billing, RequestId::from_uuid(service.ids.uuid()))
}
