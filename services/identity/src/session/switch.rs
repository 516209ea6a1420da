//! Moves a session to another workspace of the person.

use super::{
    Session,
    answer::{self, Answer},
    find, refresh,
};
use crate::{Error, Parts, user::memberships};
use proto::{Call, id::WorkspaceId, identity as pb};
use store::GlobalTx;

/// Answers `SwitchWorkspace`. The refresh token is rotated like at a refresh: whoever switches with a stolen access
/// token gives themselves away at the owner's next refresh.
pub(crate) async fn switch(parts: &Parts, call: &Call, request: pb::SwitchWorkspaceRequest) -> Result<Answer, Error> {
    let (_, id) = call.user().map_err(Error::caller)?;
    let absent = || Error::NotFound("workspace among those that you are a member of");
    let workspace_id: WorkspaceId = request.workspace_id.parse().map_err(|_| absent())?;
    let found = find(parts, id).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let all = memberships::of(parts, call, found.user_id).await?;
    // It gives out a pair of tokens as a refresh does, and asks what that asks.
    refresh::may_go_on(parts, call, &found, &all).await?;
    let workspace = all.into_iter().find(|m| m.workspace_id == request.workspace_id).ok_or_else(absent)?;

    let mut tx = GlobalTx::begin(&parts.db).await?;
    let values = [id.into(), workspace_id.into(), parts.clock.now().into()];
    let rotated: Option<(i64,)> = tx.fetch_optional(store::sql!("session/switch"), &values).await?;
    tx.commit().await?;
    let (generation,) = rotated.ok_or(Error::SessionEnded)?;

    let has_mfa = found.mfa_at.is_some();
    let session = Session { id, secret: found.secret(&parts.sealer)?, generation, has_mfa };
    answer::answer(parts, &found.user(), Some(workspace), &session).await
}
