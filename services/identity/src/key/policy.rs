//! What limits does a key carry, and who answers for it? Answers `GetKeyPolicy`.

use super::{absent, parse};
use crate::{Error, Parts};
use proto::{
    Call, Principal,
    id::{KeyId, UserId, WorkspaceId},
    identity as pb,
};
use store::WorkspaceTx;

store::row! {
    struct Policy {
        limits: serde_json::Value,
        user_id: Option<UserId>,
    }
}

/// The policy of a key that is not deleted.
pub(crate) async fn get(parts: &Parts, request: pb::GetKeyPolicyRequest) -> Result<pb::GetKeyPolicyResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| absent())?;
    let id = parse(&request.key_id)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let found = find(&mut tx, id).await?;
    tx.commit().await?;
    let Policy { limits, user_id } = found.ok_or_else(absent)?;
    let user_id = user_id.map(|id| id.to_string()).unwrap_or_default();
    Ok(pb::GetKeyPolicyResponse { limits: Some(super::limits(&limits)?), user_id })
}

/// The person on whose account the caller acts: themselves, or whoever answers for the key.
pub(super) async fn behind(tx: &mut WorkspaceTx, call: &Call) -> Result<Option<UserId>, Error> {
    Ok(match call.principal {
        Principal::User { id, .. } => Some(id),
        Principal::Key { id } => find(tx, id).await?.and_then(|policy| policy.user_id),
        Principal::Anonymous | Principal::Service(_) => None,
    })
}

async fn find(tx: &mut WorkspaceTx, id: KeyId) -> Result<Option<Policy>, Error> {
    let values = [tx.workspace().into(), id.into()];
    Ok(tx.fetch_optional(store::sql!("api_key/policy"), &values).await?)
}
