//! Whose key has this hash? Answers `ResolveKey`.

use super::scopes;
use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    Reason,
    id::{KeyId, WorkspaceId},
    identity as pb,
};
use store::SystemTx;

store::row! {
    struct Holder {
        id: KeyId,
        workspace_id: WorkspaceId,
        scopes: serde_json::Value,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
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
    if holder.expires_at.is_some_and(|at| at <= parts.clock.now()) {
        return Err(Error::KeyExpired);
    }
    Ok(pb::ResolveKeyResponse {
        key_id: holder.id.to_string(),
        workspace_id: holder.workspace_id.to_string(),
        scopes: scopes(&holder.scopes),
        expires_at: holder.expires_at.map(proto::time::to_proto),
    })
}
