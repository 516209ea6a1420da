//! Follows the workspace service: what a workspace that is closed has scheduled rests, and of one that is gone nothing is kept.

use crate::{Error, Usage, service::Inner};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::{Event, WatchRequest},
    id::{RequestId, WorkspaceId},
    workspace::Workspaces,
};
use std::sync::Arc;
use store::{WorkspaceTx, erase, position, sql};

/// Whose feed it is, in `feed_positions`.
const SOURCE: &str = "workspace";

impl Usage {
    /// Follows the feed of the workspace service from where it stopped. `workspaces` is called by
    /// [`proto::Role::UsageMetering`].
    pub fn follow_workspaces(&self, workspaces: Workspaces, tasks: &Tasks) {
        let (reader, writer) = (Arc::clone(&self.inner), Arc::clone(&self.inner));
        let open = move |after| {
            let (inner, workspaces) = (Arc::clone(&reader), workspaces.clone());
            async move {
                let after = position::start(&inner.db, SOURCE, after).await.map_err(Error::from)?;
                let call = Call::service(Role::UsageMetering, RequestId::from_uuid(inner.ids.uuid()));
                workspaces.watch(&call, WatchRequest { after: Some(after) }).await
            }
        };
        let apply = move |event| {
            let inner = Arc::clone(&writer);
            async move { Ok(apply(&inner, event).await?) }
        };
        Tail::start("workspaces that go", open, apply, tasks);
    }
}

async fn apply(inner: &Inner, event: Event) -> Result<(), Error> {
    if !matches!(event.kind.as_str(), "workspace.deleted" | "workspace.purged") {
        return Ok(position::pass(&inner.db, SOURCE, event.position).await?);
    }
    match event.workspace_id.parse::<WorkspaceId>() {
        Ok(workspace) if event.kind == "workspace.deleted" => rest(inner, workspace).await?,
        Ok(workspace) => {
            let rows = erase::workspace(&inner.db, workspace, &[]).await?;
            tracing::info!(%workspace, rows, "what a workspace has used is erased: it is gone");
        }
        Err(_) => tracing::warn!(position = event.position, "event of a workspace cannot be read, skipped"),
    }
    Ok(position::keep(&inner.db, SOURCE, event.position).await?)
}

/// Nothing of it is sent to anybody any more. Whoever restores it lets its schedules go on one by one.
async fn rest(inner: &Inner, workspace: WorkspaceId) -> Result<(), Error> {
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    tx.execute(sql!("export_schedule/pause_all"), &[workspace.into()]).await?;
    Ok(tx.commit().await?)
}
