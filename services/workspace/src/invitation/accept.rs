//! Makes whoever was invited a member.

use super::token;
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{
        self, add, owned, resolve,
        roles::Role,
        seats::{self, Counted},
    },
    role,
    workspace::get,
};
use proto::{
    Call,
    id::{InvitationId, UserId, WorkspaceId},
    workspace::{AcceptInvitationRequest, AcceptInvitationResponse},
};
use serde_json::json;
use store::{SystemTx, sql};
use uuid::Uuid;

/// Only the account with the address that was written to. Whoever is a member already stays what they are. Errors: `QUOTA_EXCEEDED`
/// where the plan allows no more members, or whoever is to own it no more workspaces, and the invitation stays as it is; `INVITATION_INVALID`, whatever is wrong with the link and whosever it is.
pub(crate) async fn accept(
    service: &Workspace,
    call: &Call,
    person: UserId,
    request: AcceptInvitationRequest,
) -> Result<AcceptInvitationResponse, Error> {
    if !token::plausible(&request.token) {
        return Err(Error::InvitationInvalid);
    }
    let hash = token::hash(&request.token);
    // A link that nobody was sent is worked on like one of somebody else: the time of the answer tells neither from the other.
    let nobody =
        (WorkspaceId::from_uuid(Uuid::nil()), InvitationId::from_uuid(Uuid::nil()), Role::Viewer.as_str().to_owned());
    let (id, invitation, offered) = find(service, &hash).await?.unwrap_or(nobody);
    let (mut tx, room) = owned::begin_giving(service, id, person, &offered).await?;
    let is_open = match member::lock(&mut tx).await {
        Ok(_) => true,
        Err(Error::NotFound(_)) => false,
        Err(other) => return Err(other),
    };
    let known: Option<(String, String)> = tx.fetch_optional(sql!("person/get"), &[person.into()]).await?;
    let (email, _) = known.ok_or(Error::InvitationInvalid)?;
    let values = [id.into(), invitation.into(), hash.into(), service.clock.now().into(), email.into()];
    let accepted: Option<(String, String)> = tx.fetch_optional(sql!("invitation/accept"), &values).await?;
    let (role, invited_by) = accepted.filter(|_| is_open).ok_or(Error::InvitationInvalid)?;
    let payload = json!({ "role": role, "invited_by": invited_by });
    let event = Record { kind: "invitation.accepted", subject: invitation.to_string(), payload };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    if resolve::role(&mut tx, id, person).await?.is_none() {
        room.finish()?;
        seats::room(service, &mut tx, Counted::Members).await?;
        let role = role::asked(&mut tx, &role).await?;
        add::add(service, &mut tx, call, person, &role.name).await?;
    }
    let workspace = get::read(&mut tx, id, Some(person)).await?;
    tx.commit().await?;
    Ok(AcceptInvitationResponse { workspace_id: workspace.id, name: workspace.name, role: workspace.role })
}

/// The invitation of which this is the newest link, and what it makes of whoever accepts.
pub(super) async fn find(
    service: &Workspace,
    hash: &[u8],
) -> Result<Option<(WorkspaceId, InvitationId, String)>, Error> {
    let mut tx = SystemTx::read(&service.db, "find the workspace of an invitation").await?;
    let found = tx.fetch_optional(sql!("invitation/find"), &[hash.to_vec().into()]).await?;
    tx.commit().await?;
    Ok(found)
}
