//! Would the link of an invitation work for an address?

use super::{accept, token};
use crate::{Workspace, error::Error};
use proto::{
    id::InvitationId,
    workspace::{CheckInvitationRequest, CheckInvitationResponse},
};
use store::{WorkspaceTx, sql};

/// Spends nothing: whoever signs up with it accepts it afterwards. Errors: `INVITATION_INVALID`, whatever is wrong with
/// the link and whosever it is.
pub(crate) async fn check(
    service: &Workspace,
    request: CheckInvitationRequest,
) -> Result<CheckInvitationResponse, Error> {
    if !token::plausible(&request.token) {
        return Err(Error::InvitationInvalid);
    }
    let hash = token::hash(&request.token);
    let (id, invitation, _) = accept::find(service, &hash).await?.ok_or(Error::InvitationInvalid)?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let values = [id.into(), invitation.into(), hash.into(), service.clock.now().into(), request.email.into()];
    let works: Option<(InvitationId,)> = tx.fetch_optional(sql!("invitation/check"), &values).await?;
    tx.commit().await?;
    works.map(|_| CheckInvitationResponse {}).ok_or(Error::InvitationInvalid)
}
