//! Closes a workspace, and opens it again while there is time.

use super::get;
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{owned, owners},
};
use chrono::TimeDelta;
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{DeleteWorkspaceResponse, RestoreWorkspaceResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// It is closed when this returns; the rest of Perpetuo hears of it with the feed. One that is closed stays as it is.
/// Errors: `NOT_FOUND`.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
) -> Result<DeleteWorkspaceResponse, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock(&mut tx).await?;
    let now = service.clock.now();
    let purge_at = now + TimeDelta::days(service.config.deletion_grace_days.into());
    if tx.execute(sql!("workspace/close"), &[id.into(), now.into(), purge_at.into()]).await? > 0 {
        let payload = json!({ "purge_at": purge_at });
        let event = Record { kind: "workspace.deleted", subject: id.to_string(), payload };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    let workspace = get::read(&mut tx, id, get::person(call)).await?;
    tx.commit().await?;
    Ok(DeleteWorkspaceResponse { workspace: Some(workspace) })
}

/// One that is open stays as it is. Errors: `NOT_FOUND`, also when its days of grace are over; `QUOTA_EXCEEDED` where the caller's
/// plans allow no more.
pub(crate) async fn restore(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
) -> Result<RestoreWorkspaceResponse, Error> {
    let mut tx = match get::person(call) {
        Some(owner) => owned::begin(service, id, owner).await?,
        None => WorkspaceTx::begin(&service.db, id).await?,
    };
    owners::lock(&mut tx).await?;
    if tx.execute(sql!("workspace/open"), &[id.into(), service.clock.now().into()]).await? > 0 {
        let event = Record { kind: "workspace.restored", subject: id.to_string(), payload: json!({}) };
        event.emit(service, &mut tx, call, &call.actor()).await?;
    }
    let workspace = get::read(&mut tx, id, get::person(call)).await?;
    if workspace.deleted_at.is_some() {
        return Err(Error::NotFound("workspace"));
    }
    tx.commit().await?;
    Ok(RestoreWorkspaceResponse { workspace: Some(workspace) })
}
