//! Makes somebody a member for whom the owner of their e-mail domain vouches, as often as identity asks.

use super::{
    add, owners, resolve,
    roles::Role,
    seats::{self, Counted},
};
use crate::{Workspace, error::Error, people, role};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    workspace::{ProvisionMemberRequest, ProvisionMemberResponse},
};
use store::WorkspaceTx;

/// Whoever is a member stays what they are. Errors: `NOT_FOUND`, `REFUSED_VALUE` for a role that is none or that nobody gets
/// without an owner's word, [`Error::NoSeat`].
pub(crate) async fn provision(
    service: &Workspace,
    call: &Call,
    request: ProvisionMemberRequest,
) -> Result<ProvisionMemberResponse, Error> {
    let id: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let person: UserId = request.user_id.parse().map_err(|_| Error::NotFound("person"))?;
    if request.role == Role::Owner.as_str() {
        let refusal = proto::Reason::RefusedValue.with("nobody becomes an owner without the word of another one");
        return Err(Error::Refused(refusal.field("role", "must not be owner")));
    }
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    owners::lock_open(&mut tx).await?;
    if let Some(role) = resolve::role(&mut tx, id, person).await? {
        return Ok(ProvisionMemberResponse { role });
    }
    let role = role::asked(&mut tx, &request.role).await?;
    people::meet(&mut tx, person, &request.email, &request.name).await?;
    seats::room(service, &mut tx, Counted::Members).await?;
    add::add(service, &mut tx, call, person, &role.name).await?;
    tx.commit().await?;
    Ok(ProvisionMemberResponse { role: role.name })
}
