//! Withdraws an invitation.

use super::{absent, find, parse};
use crate::{
    Workspace,
    audit::record::Record,
    error::Error,
    member::{self, rank},
    role,
};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{RevokeInvitationRequest, RevokeInvitationResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, also for one that was accepted or withdrawn; `PERMISSION_DENIED` for a role that may do more than the caller.
pub(crate) async fn revoke(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: RevokeInvitationRequest,
) -> Result<RevokeInvitationResponse, Error> {
    let invitation = parse(&request.invitation_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    member::lock(&mut tx).await?;
    let role = find(&mut tx, invitation).await?.role;
    // One that nobody knows may do nothing.
    rank::covers(call, &role::named(&mut tx, &role).await?.unwrap_or_default())?;
    let values = [id.into(), invitation.into(), service.clock.now().into()];
    if tx.execute(sql!("invitation/revoke"), &values).await? == 0 {
        return Err(absent());
    }
    let event =
        Record { kind: "invitation.revoked", subject: invitation.to_string(), payload: json!({ "role": role }) };
    event.emit(service, &mut tx, call, &call.actor()).await?;
    tx.commit().await?;
    Ok(RevokeInvitationResponse {})
}
