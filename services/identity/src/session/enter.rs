//! The end of every way in: the person's workspace, a session, a pair of tokens.

use super::{
    answer::{self, Answer},
    open::{self, Renewal},
};
use crate::{
    Error, Parts,
    sso::enforce::{self, Way},
    user::{User, memberships, provision},
};
use chrono::{DateTime, Utc};
use proto::{Call, id::WorkspaceId};
use store::GlobalTx;
use uuid::Uuid;

store::row! {
    struct Unfinished {
        workspace_id: WorkspaceId,
        workspace_name: String,
    }
}

/// How somebody comes in.
#[derive(Default)]
pub(crate) struct Entry {
    pub(crate) renewal: Option<Renewal>,
    /// When they showed a second factor, if they have one.
    pub(crate) mfa_at: Option<DateTime<Utc>>,
    /// By the provider of a workspace: which connection it is.
    pub(crate) connection: Option<Uuid>,
    /// Where they want to be.
    pub(crate) workspace: Option<WorkspaceId>,
}

/// Opens a session for somebody who has shown who they are, with a second factor (`mfa_at`) if they have one. Errors:
/// [`Error::SsoRequired`].
pub(crate) async fn enter(
    parts: &Parts,
    call: &Call,
    user: &User,
    renewal: Option<Renewal>,
    mfa_at: Option<DateTime<Utc>>,
) -> Result<Answer, Error> {
    by(parts, call, user, Entry { renewal, mfa_at, ..Entry::default() }).await
}

/// The same, by the provider of a workspace too.
pub(crate) async fn by(parts: &Parts, call: &Call, user: &User, entry: Entry) -> Result<Answer, Error> {
    let way = Way { connection: entry.connection, has_mfa: entry.mfa_at.is_some() };
    let preferred = finish(parts, call, user).await?.or(entry.workspace);
    let all = memberships::of(parts, call, user.id).await?;
    if let Some(around) = enforce::check(parts, user, &all, way).await? {
        enforce::note(parts, call, around, user.id).await?;
    }
    let workspace = memberships::choose(&all, preferred);
    let session = open::open(parts, call, user, workspace.as_ref(), entry).await?;
    // Somebody may have asked for another way, or taken this one away, since we looked: what they ended knew nothing of this one.
    enforce::may_go_on(parts, call, (user, all.as_slice()), way, session.id).await?;
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
