//! What is kept of a workspace goes when its days of grace are over. Without its data key whatever that sealed is closed for
//! ever, in backups too. Other services hear of it with the feed, and erase what is theirs.

use crate::{Workspace, error::Error};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{EventId, RequestId, WorkspaceId},
};
use serde_json::json;
use store::{SystemTx, WorkspaceTx, erase, outbox, sql};

/// How many go in one round.
const MOST: i64 = 20;
/// Longer than the clocks of two processes differ: what one of them has just restored is not erased by the other.
pub(crate) const MARGIN: TimeDelta = TimeDelta::seconds(30);
/// They go last: the trail is kept as long as its workspace is, and a workspace as long as anything of it.
/// Executions keep it from going: one that was opened meanwhile goes from the engine first.
const LAST: [&str; 4] = ["workspaces", "executions", "audit_events", "audit_heads"];

/// Those whose time is over, and of which the engine has nothing left. How many went. Errors: the first; the others are
/// tried nevertheless.
pub(crate) async fn round(service: &Workspace) -> Result<usize, Error> {
    let before = service.clock.now() - MARGIN;
    let mut tx = SystemTx::read(&service.db, "find workspaces whose days of grace are over").await?;
    let doomed: Vec<(WorkspaceId,)> = tx.fetch_all(sql!("workspace/doomed"), &[before.into(), MOST.into()]).await?;
    tx.commit().await?;
    let (mut result, mut gone) = (Ok(()), 0);
    for (id,) in doomed {
        match purge(service, id).await {
            Ok(()) => gone += 1,
            Err(error) => result = result.and(Err(error)),
        }
    }
    result.map(|()| gone)
}

async fn purge(service: &Workspace, id: WorkspaceId) -> Result<(), Error> {
    erase::workspace(&service.db, id, &LAST).await?;
    let now = service.clock.now();
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    if tx.execute(sql!("workspace/delete"), &[id.into(), now.into()]).await? == 0 {
        // Another process was faster, or an execution was opened meanwhile.
        return Ok(());
    }
    tx.execute(sql!("audit/erase"), &[id.into()]).await?;
    tx.execute(sql!("audit/erase_head"), &[id.into()]).await?;
    // No entry of the trail: there is none any more.
    let call = Call::service(Role::Workspace, RequestId::from_uuid(service.ids.uuid()));
    tx.emit(&outbox::Event {
        id: EventId::from_uuid(service.ids.uuid()),
        kind: "workspace.purged",
        workspace: Some(id),
        subject: id.to_string(),
        actor: call.actor(),
        impersonator: None,
        at: now,
        request_id: call.request_id.to_string(),
        payload: json!({}),
    });
    tx.commit().await?;
    tracing::info!(workspace = %id, "a workspace is gone: its days of grace were over");
    Ok(())
}
