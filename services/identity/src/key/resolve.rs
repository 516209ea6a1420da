//! Whose key has this hash? Answers `ResolveKey`.

use super::{bounds, scopes};
use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    Reason,
    id::{KeyId, TeamId, UserId, WorkspaceId},
    identity as pb,
};
use store::SystemTx;

store::row! {
    struct Holder {
        id: KeyId,
        workspace_id: WorkspaceId,
        scopes: serde_json::Value,
        user_id: Option<UserId>,
        allowed_ips: Option<serde_json::Value>,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
        previous_until: Option<DateTime<Utc>>,
        team_id: Option<TeamId>,
        /// 0: the text that was shown is the one before, which works for a while only.
        is_newest: i64,
    }
}

/// The workspace is what the look-up finds out, so it cannot be fenced by one. A deleted key is also a revoked one.
pub(crate) async fn resolve(parts: &Parts, request: pb::ResolveKeyRequest) -> Result<pb::ResolveKeyResponse, Error> {
    if request.sha256.len() != 32 {
        return Err(Error::Input(
            Reason::InvalidArgument.with("sha256 must be 32 bytes").field("sha256", "must be 32 bytes"),
        ));
    }
    let mut tx = SystemTx::read(&parts.db, "find the workspace of an API key").await?;
    let found: Option<Holder> =
        tx.fetch_optional(store::sql!("api_key/by_hash"), &[request.sha256.to_vec().into()]).await?;
    tx.commit().await?;
    let holder = found.ok_or(Error::UnknownKey)?;
    if holder.revoked_at.is_some() {
        return Err(Error::KeyRevoked);
    }
    let now = parts.clock.now();
    if holder.expires_at.is_some_and(|at| at <= now) {
        return Err(Error::KeyExpired);
    }
    let is_newest = holder.is_newest != 0;
    if !is_newest && holder.previous_until.is_none_or(|at| at <= now) {
        return Err(Error::KeyRotated);
    }
    let replaced = holder.previous_until.filter(|_| !is_newest);
    let ends = [holder.expires_at, replaced].into_iter().flatten().min();
    Ok(pb::ResolveKeyResponse {
        key_id: holder.id.to_string(),
        workspace_id: holder.workspace_id.to_string(),
        scopes: scopes(&holder.scopes),
        expires_at: ends.map(proto::time::to_proto),
        user_id: holder.user_id.map(|id| id.to_string()).unwrap_or_default(),
        allowed_ips: bounds::names(holder.allowed_ips.as_ref())?,
        team_id: holder.team_id.map(|id| id.to_string()).unwrap_or_default(),
    })
}
