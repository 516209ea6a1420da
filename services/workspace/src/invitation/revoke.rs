//! Withdraws an invitation.

use super::{absent, find, parse};
use crate::{Workspace, audit::record::Record, error::Error};
use proto::{
    Call,
    id::WorkspaceId,
    workspace::{RevokeInvitationRequest, RevokeInvitationResponse},
};
use serde_json::json;
use store::{WorkspaceTx, sql};

/// Errors: `NOT_FOUND`, also for one that was accepted or withdrawn.
pub(crate) async fn revoke(
    service: &Workspace,
    call: &Call,
    id: WorkspaceId,
    request: RevokeInvitationRequest,
) -> Result<RevokeInvitationResponse, Error> {
    let invitation = parse(&request.invitation_id)?;
    let mut tx = WorkspaceTx::begin(&service.db, id).await?;
    let role = find(&mut tx, invitation).await?.role;
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
