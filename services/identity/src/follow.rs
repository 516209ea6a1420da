//! Follows the workspace service: who leaves a workspace leaves no keys behind.

use crate::{Error, Parts, key::revoke_of_member};
use host::{Tasks, feed::Tail};
use proto::{
    Call, Role,
    feed::{Event, WatchRequest},
    id::{RequestId, UserId, WorkspaceId},
};
use std::sync::Arc;
use store::{GlobalTx, WorkspaceTx};

/// Whose feed it is, in `feed_positions`.
const SOURCE: &str = "workspace";

/// Starts it. It may run in several processes at once.
pub(crate) fn start(parts: &Arc<Parts>, tasks: &Tasks) {
    let (reader, writer) = (Arc::clone(parts), Arc::clone(parts));
    let open = move |after| {
        let parts = Arc::clone(&reader);
        async move {
            let after = position(&parts, after).await?;
            let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
            parts.workspaces.watch(&call, WatchRequest { after: Some(after) }).await
        }
    };
    let apply = move |event| {
        let parts = Arc::clone(&writer);
        async move { Ok(apply(&parts, event).await?) }
    };
    Tail::start("members who left", open, apply, tasks);
}

/// After which position to go on: where this process is, or else where an earlier one stopped.
async fn position(parts: &Parts, after: Option<i64>) -> Result<i64, Error> {
    if let Some(after) = after {
        return Ok(after);
    }
    let mut tx = GlobalTx::read(&parts.db).await?;
    let stored: Option<(i64,)> = tx.fetch_optional(store::sql!("feed/position"), &[SOURCE.into()]).await?;
    Ok(stored.map_or(0, |(position,)| position))
}

/// Applies one event and remembers that it was, together. One that cannot be read is skipped: waiting for it would hold up
/// everything that comes after.
async fn apply(parts: &Parts, event: Event) -> Result<(), Error> {
    if !matches!(event.kind.as_str(), "member.removed" | "member.left") {
        return Ok(());
    }
    let (Ok(workspace), Ok(user)) = (event.workspace_id.parse::<WorkspaceId>(), event.subject.parse::<UserId>()) else {
        tracing::warn!(position = event.position, "event of a member cannot be read, skipped");
        return Ok(());
    };
    let left = event.at.and_then(proto::time::from_proto).unwrap_or_else(|| parts.clock.now());
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    revoke_of_member::revoke(&mut tx, parts, user, left, &event).await?;
    tx.execute(store::sql!("feed/advance"), &[SOURCE.into(), event.position.into()]).await?;
    tx.commit().await?;
    Ok(())
}
