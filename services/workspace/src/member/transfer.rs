//! Gives the workspace to another member.

use super::{absent, change_role::set, list, owned, owners, parse, resolve, roles::Role};
use crate::{Workspace, audit::record::Record, error::Error, problems::Problems};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{TransferOwnershipRequest, TransferOwnershipResponse},
};
use serde_json::json;

/// The other is an owner afterwards and the caller an admin, or nothing has changed. Errors: `NOT_FOUND`, `REFUSED_VALUE`
/// for the caller themselves, `QUOTA_EXCEEDED` where the other's plans allow no more, `PERMISSION_DENIED` for a caller who is no owner any more.
pub(crate) async fn transfer(
    service: &Workspace,
    call: &Call,
    owner: UserId,
    id: WorkspaceId,
    request: TransferOwnershipRequest,
) -> Result<TransferOwnershipResponse, Error> {
    let other = parse(&request.user_id)?;
    if other == owner {
        let mut problems = Problems::default();
        problems.refused("user_id", "must be another member");
        problems.finish()?;
    }
    let mut tx = owned::begin(service, id, other).await?;
    owners::lock(&mut tx).await?;
    let mine = resolve::role(&mut tx, id, owner).await?.ok_or_else(absent)?;
    // The door's answer may be a moment old, and two transfers at once must not both give the same ownership away.
    if mine != Role::Owner.as_str() {
        let permission = proto::Permission::WorkspaceOwn.as_str();
        return Err(Error::RoleBeyond { role: Role::Owner.as_str().to_owned(), permission });
    }
    let theirs = resolve::role(&mut tx, id, other).await?.ok_or_else(absent)?;
    if theirs != Role::Owner.as_str() {
        set(service, &mut tx, call, other, (&theirs, Role::Owner.as_str())).await?;
    }
    set(service, &mut tx, call, owner, (&mine, Role::Admin.as_str())).await?;
    let payload = json!({ "from": owner.to_string(), "to": other.to_string() });
    let event = Record { kind: "workspace.ownership_transferred", subject: id.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    let member = list::one(&mut tx, other).await?;
    tx.commit().await?;
    Ok(TransferOwnershipResponse { member: Some(member) })
}
