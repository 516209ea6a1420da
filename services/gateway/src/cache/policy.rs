//! What limits an API key carries, which models it may call, and who answers for it.

use super::{Cached, Entries, entries};
use crate::{Config, allowed::Allowed};
use chrono::{DateTime, Utc};
use host::{Ids, Tasks, feed::Tail};
use proto::{
    Call, Reason, Role,
    feed::WatchRequest,
    id::{KeyId, RequestId, TeamId, UserId, WorkspaceId},
    identity::{GetKeyPolicyRequest, GetKeyPolicyResponse, Identity},
    limits::Limits,
    time::from_proto,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use tonic::Status;

/// How long identity may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// An API key as the gateway sees it.
pub(crate) struct Policy {
    pub limits: Limits,
    /// What it may call.
    pub allowed: Allowed,
    /// The member on whose account it runs.
    pub user: Option<UserId>,
    /// The team whose limits it shares.
    pub team: Option<TeamId>,
    /// From when on it calls nothing: it has expired then, or was revoked.
    pub ends_at: Option<DateTime<Utc>>,
}

/// The policy of every key that was asked for.
pub(crate) struct Policies {
    cached: Cached<KeyId, Policy>,
    identity: Identity,
}

impl Policies {
    pub(crate) fn new(config: &Config, identity: &Identity, ids: &Ids, tasks: &Tasks) -> Self {
        let entries = entries(config.cache_entries);
        let tail = follow(identity.clone(), entries.clone(), ids.clone(), tasks);
        Self { cached: Cached::new(entries, tail), identity: identity.clone() }
    }

    /// The policy of a key. Errors: those of identity.
    pub(crate) async fn get(
        &self,
        workspace: WorkspaceId,
        key: KeyId,
        request: RequestId,
    ) -> Result<Arc<Policy>, Status> {
        let load = || async move {
            let call = Call { workspace: Some(workspace), ..Call::service(Role::Gateway, request) };
            let call = call.until(Instant::now() + PATIENCE);
            let ask = GetKeyPolicyRequest { workspace_id: workspace.to_string(), key_id: key.to_string() };
            let GetKeyPolicyResponse { limits, user_id, allowed_models, ends_at, team_id } =
                self.identity.get_key_policy(&call, ask).await?;
            let allowed = Allowed::of(allowed_models);
            let ends_at = ends_at.and_then(from_proto);
            let (limits, user) = (limits.unwrap_or_default(), user_id.parse().ok());
            let team = if team_id.is_empty() { None } else { Some(team_id.parse().map_err(|_| malformed())?) };
            Ok(Policy { limits, allowed, user, team, ends_at })
        };
        self.cached.get(key, load).await
    }
}

/// A team that this release cannot read must not leave the key without its limits.
fn malformed() -> Status {
    tracing::error!("identity answered with a malformed id of a team");
    Reason::Internal.with("internal error").into()
}

fn follow(identity: Identity, entries: Entries<KeyId, Policy>, ids: Ids, tasks: &Tasks) -> Tail {
    let open = move |after| {
        let identity = identity.clone();
        let call = Call::service(Role::Gateway, RequestId::from_uuid(ids.uuid()));
        async move { identity.watch(&call, WatchRequest { after }).await }
    };
    let evict = move |event: proto::feed::Event| {
        if let (true, Ok(key)) = (event.kind.starts_with("api_key."), event.subject.parse::<KeyId>()) {
            entries.invalidate(&key);
        }
        std::future::ready(Ok(()))
    };
    Tail::start("gateway follows identity", open, evict, tasks)
}
