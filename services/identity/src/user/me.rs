//! Who am I? The calling person, with their workspaces.

use super::{User, memberships};
use crate::{Error, Parts, consent};
use proto::{Call, id::UserId, identity as pb};
use store::GlobalTx;

/// Answers `GetMe`. Whoever acts for the person sees the workspace in which they do, and no other.
pub(crate) async fn get(parts: &Parts, call: &Call) -> Result<pb::GetMeResponse, Error> {
    let (id, _) = call.user().map_err(Error::caller)?;
    let user = find(parts, id).await?;
    let mut workspaces = memberships::of(parts, call, id).await?;
    if call.impersonation.is_some() {
        // An operator who acts for the person learns of one.
        let only = call.workspace.map(String::from);
        workspaces.retain(|of| Some(&of.workspace_id) == only.as_ref());
    }
    let consents_due = consent::due(parts, id).await?;
    Ok(pb::GetMeResponse { user: Some(user.to_proto()), workspaces, consents_due })
}

async fn find(parts: &Parts, id: UserId) -> Result<User, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let user = tx.fetch_optional::<User>(store::sql!("user/by_id"), &[id.into()]).await?;
    tx.commit().await?;
    user.ok_or(Error::SessionEnded)
}
