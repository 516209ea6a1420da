//! Opens a session.

use super::{Session, enter::Entry};
use crate::{Error, Parts, event, token::refresh_token::Secret, user::User};
use chrono::TimeDelta;
use proto::{
    Call,
    id::{SessionId, UserId, WorkspaceId},
    identity as pb,
};
use store::GlobalTx;

/// A password hash to be replaced by one with the costs of today.
pub(crate) struct Renewal {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Opens a session of `user` in `workspace`.
pub(crate) async fn open(
    parts: &Parts,
    call: &Call,
    user: &User,
    workspace: Option<&pb::Membership>,
    entry: Entry,
) -> Result<Session, Error> {
    let Entry { renewal, mfa_at, connection, .. } = entry;
    let id = SessionId::from_uuid(parts.ids.uuid());
    let secret = Secret::generate();
    let now = parts.clock.now();
    let expires_at = now + TimeDelta::days(i64::from(parts.config.session.absolute_days));
    let workspace: Option<WorkspaceId> = workspace.and_then(|w| w.workspace_id.parse().ok());

    let mut tx = GlobalTx::begin(&parts.db).await?;
    // Who is erased at this moment gets no session any more.
    let here: Option<(UserId,)> = tx.fetch_optional(store::sql!(pair "user/hold"), &[user.id.into()]).await?;
    if here.is_none() {
        return Err(Error::LoginFailed);
    }
    let sealed = secret.seal(&parts.sealer, id);
    let values = [
        id.into(),
        user.id.into(),
        workspace.into(),
        sealed.into(),
        now.into(),
        expires_at.into(),
        call.user_agent.as_deref().into(),
        call.client.map(|address| address.to_string()).into(),
        mfa_at.into(),
        connection.into(),
    ];
    tx.execute(store::sql!("session/insert"), &values).await?;
    if let Some(Renewal { from, to }) = renewal {
        tx.execute(store::sql!("user/renew_hash"), &[user.id.into(), from.into(), to.into()]).await?;
    }
    tx.emit(&event::session_created(parts, call, id, user.id));
    tx.commit().await?;
    Ok(Session { id, secret, generation: 1, has_mfa: mfa_at.is_some() })
}
