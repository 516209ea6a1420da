//! What limits does a key carry? Answers `GetKeyPolicy`.

use super::{absent, parse};
use crate::{Error, Parts};
use proto::{id::WorkspaceId, identity as pb};
use store::WorkspaceTx;

store::row! {
    struct Policy {
        rpm: Option<i64>,
        tpm: Option<i64>,
        concurrency: Option<i64>,
    }
}

/// The limits of a key that is not deleted.
pub(crate) async fn get(parts: &Parts, request: pb::GetKeyPolicyRequest) -> Result<pb::GetKeyPolicyResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| absent())?;
    let id = parse(&request.key_id)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let found: Option<Policy> =
        tx.fetch_optional(store::sql!("api_key/policy"), &[workspace.into(), id.into()]).await?;
    tx.commit().await?;
    let Policy { rpm, tpm, concurrency } = found.ok_or_else(absent)?;
    Ok(pb::GetKeyPolicyResponse { limits: Some(pb::Limits { rpm, tpm, concurrency }) })
}
