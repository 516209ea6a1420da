//! Removes a role of the workspace's own that nobody has.

use super::{find, not_built_in};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{self, rank},
};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{DeleteRoleRequest, DeleteRoleResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

store::row! {
    struct Used {
        members: i64,
        invitations: i64,
    }
}

/// Errors: `NOT_FOUND`, `PERMISSION_DENIED` for one that may do more than the caller, `CONFLICT` for one that every workspace has
/// and where members or open invitations have it.
pub(crate) async fn delete(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: DeleteRoleRequest,
) -> Result<DeleteRoleResponse, Error> {
    not_built_in(&request.name)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    // Whoever gives it to somebody has the same lock.
    member::lock(&mut tx).await?;
    let role = find(&mut tx, &request.name).await?.given();
    rank::covers(call, &role)?;
    let values = [id.into(), role.name.as_str().into()];
    let Used { members, invitations } = tx.fetch_one(sql!("role/used"), &values).await?;
    if members + invitations > 0 {
        return Err(Error::RoleInUse { role: role.name, members, invitations });
    }
    tx.execute(sql!("role/delete"), &values).await?;
    let payload = json!({ "permissions": role.permissions.names() });
    let event = Record { kind: "role.deleted", subject: role.name, payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(DeleteRoleResponse {})
}
