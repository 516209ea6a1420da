//! What limits does a key carry, what may it call, and who answers for it? Answers `GetKeyPolicy`.

use super::{absent, bounds, parse};
use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    Call, Principal,
    id::{KeyId, TeamId, UserId, WorkspaceId},
    identity as pb, time,
};
use store::WorkspaceTx;

store::row! {
    struct Policy {
        limits: serde_json::Value,
        user_id: Option<UserId>,
        allowed_models: Option<serde_json::Value>,
        allowed_ips: Option<serde_json::Value>,
        expires_at: Option<DateTime<Utc>>,
        revoked_at: Option<DateTime<Utc>>,
        team_id: Option<TeamId>,
    }
}

/// On whose account a caller acts, and with what.
#[derive(Default)]
pub(super) struct Behind {
    /// The caller, or whoever answers for the calling key.
    pub(super) user: Option<UserId>,
    /// The calling key is bound to models, addresses or a team.
    bound: bool,
}

impl Behind {
    /// Goes on unless a key calls that is bound to models, addresses or a team: with another key it would not be. Errors:
    /// [`Error::Bound`].
    pub(super) fn unbound(&self) -> Result<(), Error> {
        if self.bound { Err(Error::Bound) } else { Ok(()) }
    }
}

/// The policy of a key that is not deleted.
pub(crate) async fn get(parts: &Parts, request: pb::GetKeyPolicyRequest) -> Result<pb::GetKeyPolicyResponse, Error> {
    let workspace: WorkspaceId = request.workspace_id.parse().map_err(|_| absent())?;
    let id = parse(&request.key_id)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let found = find(&mut tx, id).await?;
    tx.commit().await?;
    let Policy { limits, user_id, allowed_models, expires_at, revoked_at, team_id, .. } = found.ok_or_else(absent)?;
    let user_id = user_id.map(|id| id.to_string()).unwrap_or_default();
    let allowed_models = bounds::names(allowed_models.as_ref())?;
    let ends_at = [expires_at, revoked_at].into_iter().flatten().min().map(time::to_proto);
    let team_id = team_id.map(|id| id.to_string()).unwrap_or_default();
    Ok(pb::GetKeyPolicyResponse { limits: Some(super::limits(&limits)?), user_id, allowed_models, ends_at, team_id })
}

/// On whose account the caller acts.
pub(super) async fn behind(tx: &mut WorkspaceTx, call: &Call) -> Result<Behind, Error> {
    Ok(match call.principal {
        Principal::User { id, .. } => Behind { user: Some(id), bound: false },
        Principal::Key { id } => find(tx, id).await?.map(Behind::from).unwrap_or_default(),
        Principal::Anonymous | Principal::Service(_) => Behind::default(),
    })
}

/// Whether a key calls that is nobody's but the workspace's.
pub(crate) async fn is_service_account(tx: &mut WorkspaceTx, call: &Call) -> Result<bool, Error> {
    let Principal::Key { id } = call.principal else { return Ok(false) };
    Ok(find(tx, id).await?.is_some_and(|policy| policy.user_id.is_none()))
}

impl From<Policy> for Behind {
    fn from(Policy { user_id, allowed_models, allowed_ips, team_id, .. }: Policy) -> Self {
        let bound = allowed_models.is_some() || allowed_ips.is_some() || team_id.is_some();
        Self { user: user_id, bound }
    }
}

async fn find(tx: &mut WorkspaceTx, id: KeyId) -> Result<Option<Policy>, Error> {
    let values = [tx.workspace().into(), id.into()];
    Ok(tx.fetch_optional(store::sql!("api_key/policy"), &values).await?)
}
