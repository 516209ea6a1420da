//! Follows the workspace service: who leaves a workspace leaves no keys behind, and a workspace that is deleted has none.

use crate::{Error, Parts, directory, domain::lost, key::revoke_left_behind};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::{Event, WatchRequest},
    id::{RequestId, UserId, WorkspaceId},
};
use std::sync::Arc;
use store::{WorkspaceTx, erase, position};

/// Whose feed it is, in `feed_positions`: not `workspace`, whose position a release that knows nothing of workspaces that go moves on.
const SOURCE: &str = "workspace.ends";

/// Starts it. It may run in several processes at once.
pub(crate) fn start(parts: &Arc<Parts>, tasks: &Tasks) {
    let (reader, writer) = (Arc::clone(parts), Arc::clone(parts));
    let open = move |after| {
        let parts = Arc::clone(&reader);
        async move {
            let after = position::start(&parts.db, SOURCE, after).await.map_err(Error::from)?;
            let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
            parts.workspaces.watch(&call, WatchRequest { after: Some(after) }).await
        }
    };
    let apply = move |event| {
        let parts = Arc::clone(&writer);
        async move { Ok(apply(&parts, event).await?) }
    };
    Tail::start("members and workspaces that go", open, apply, tasks);
}

/// Applies one event and remembers that it was, together. One that cannot be read is skipped: waiting for it would hold up
/// everything that comes after.
async fn apply(parts: &Parts, event: Event) -> Result<(), Error> {
    let person = match event.kind.as_str() {
        "member.removed" | "member.left" | "member.role_changed" => Some(event.subject.parse::<UserId>()),
        "workspace.deleted" | "workspace.purged" => None,
        _ => return Ok(()),
    };
    let (Ok(workspace), Ok(person)) = (event.workspace_id.parse::<WorkspaceId>(), person.transpose()) else {
        tracing::warn!(position = event.position, kind = event.kind, "event cannot be read, skipped");
        return Ok(());
    };
    if event.kind == "workspace.purged" {
        erase::workspace(&parts.db, workspace, &[]).await?;
    }
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    if event.kind == "workspace.purged" {
        tx.execute(store::sql!("session/forget_workspace"), &[workspace.into()]).await?;
    } else if event.kind != "member.role_changed" {
        revoke_left_behind::revoke(&mut tx, parts, person, &event).await?;
        if event.kind == "workspace.deleted" {
            lost::let_go(&mut tx, parts, &event).await?;
        }
    }
    if let Some(person) = person {
        directory::follow::apply(&mut tx, parts, person, &event).await?;
    }
    position::advance(&mut tx, SOURCE, event.position).await?;
    tx.commit().await?;
    Ok(())
}
