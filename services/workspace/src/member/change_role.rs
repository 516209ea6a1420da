//! Makes a member something else.

use super::{absent, list, owned, owners, parse, rank, resolve, roles::Role};
use crate::{Workspace, audit::record::Record, error::Error};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{ChangeMemberRoleRequest, ChangeMemberRoleResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, `REFUSED_VALUE`, `PERMISSION_DENIED` where either role may do more than the caller, `LAST_OWNER`,
/// `QUOTA_EXCEEDED` where the plans of who is to be an owner allow no more.
pub(crate) async fn change(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: ChangeMemberRoleRequest,
) -> Result<ChangeMemberRoleResponse, Error> {
    let person = parse(&request.user_id)?;
    let new = Role::read(&request.role)?;
    let mut tx = match new {
        Role::Owner => owned::begin(service, id, person).await?,
        _ => WorkspaceTx::begin(&service.db, id).await?,
    };
    owners::lock(&mut tx).await?;
    let old = resolve::role(&mut tx, id, person).await?.ok_or_else(absent)?;
    rank::covers(call, &old)?;
    rank::covers(call, new.as_str())?;
    if old != new.as_str() {
        owners::not_the_last(&mut tx, &old).await?;
        set(service, &mut tx, call, person, (&old, new)).await?;
    }
    let member = list::one(&mut tx, person).await?;
    tx.commit().await?;
    Ok(ChangeMemberRoleResponse { member: Some(member) })
}

/// Gives somebody the second role in place of the first.
pub(super) async fn set(
    service: &Workspace,
    tx: &mut WorkspaceTx,
    call: &Call,
    person: UserId,
    (old, new): (&str, Role),
) -> Result<(), Error> {
    let values = [tx.workspace().into(), person.into(), new.as_str().into()];
    tx.execute(sql!("member/set_role"), &values).await?;
    let payload = json!({ "from": old, "to": new.as_str() });
    let event = Record { kind: "member.role_changed", subject: person.to_string(), payload };
    event.emit(service, tx, call, &call.actor()).await?;
    Ok(())
}
