//! The end of every way in: the person's workspace, a session, a pair of tokens.

use super::{
    answer::{self, Answer},
    open::{self, Renewal},
};
use crate::{
    Error, Parts,
    user::{User, memberships, provision},
};
use chrono::{DateTime, Utc};
use proto::{Call, id::WorkspaceId};
use store::GlobalTx;

store::row! {
    struct Unfinished {
        workspace_id: WorkspaceId,
        workspace_name: String,
    }
}

/// Opens a session for somebody who has shown who they are, with a second factor (`mfa_at`) if they have one.
pub(crate) async fn enter(
    parts: &Parts,
    call: &Call,
    user: &User,
    renewal: Option<Renewal>,
    mfa_at: Option<DateTime<Utc>>,
) -> Result<Answer, Error> {
    let preferred = finish(parts, call, user).await?;
    let all = memberships::of(parts, call, user.id).await?;
    let workspace = memberships::choose(&all, preferred);
    let session = open::open(parts, call, user, workspace.as_ref(), renewal, mfa_at).await?;
    answer::answer(parts, user, workspace, &session).await
}

/// Makes the workspace of a sign-up that has none yet.
async fn finish(parts: &Parts, call: &Call, user: &User) -> Result<Option<WorkspaceId>, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let found: Option<Unfinished> = tx.fetch_optional(store::sql!("provisioning/of_user"), &[user.id.into()]).await?;
    tx.commit().await?;
    let Some(Unfinished { workspace_id, workspace_name }) = found else { return Ok(None) };
    let pending = provision::Pending::new(user, workspace_id, workspace_name);
    provision::complete(parts, call, &pending).await?;
    Ok(Some(workspace_id))
}
