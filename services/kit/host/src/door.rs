//! Who is calling, and what may they do? A credential becomes a [`Call`] here, for HTTP and gRPC alike.

mod asserted;
mod credential;
mod follow;
mod grpc;
pub mod key;
mod key_use;
mod member;
mod team;
mod throttle;

use crate::{
    Clock, Ids, Tasks,
    feed::{Cache, Tail},
    peer::Verifier,
};
use credential::{Credential, Hash};
use key_use::KeyUse;
use proto::{
    Call, Impersonation, Permission, PlatformRole, Principal, Reason, Role, Scopes,
    id::{KeyId, SessionId, TeamId, UserId, WorkspaceId},
    identity::Identity,
    workspace::Workspaces,
};
use std::{sync::Arc, time::Duration};
use throttle::Throttle;
use tonic::Status;

/// How many credentials and memberships a process remembers.
const CAPACITY: u64 = 100_000;
/// However honest the feed, everything is asked for again after this long.
const LONGEST: Duration = Duration::from_secs(300);
/// How long a refusal is remembered.
const REFUSED: Duration = Duration::from_secs(5);

/// What a door stands on.
pub struct Deps {
    /// Resolves credentials.
    pub identity: Identity,
    /// Resolves memberships.
    pub workspaces: Workspaces,
    /// The role in whose name it asks.
    pub role: Role,
    /// When credentials expire.
    pub clock: Clock,
    /// Request ids of gRPC calls.
    pub ids: Ids,
    /// Where its feeds are followed.
    pub tasks: Tasks,
    /// Checks peers' tokens. Without it no peer is let in over gRPC.
    pub verifier: Option<Verifier>,
}

/// Turns credentials into calls. It caches what identity and workspace say; their feeds take it back within a second.
pub struct Door {
    identity: Identity,
    workspaces: Workspaces,
    role: Role,
    clock: Clock,
    ids: Ids,
    verifier: Option<Verifier>,
    credentials: Arc<Cache<Hash, Credential>>,
    members: Arc<Cache<(UserId, WorkspaceId), Scopes>>,
    teams: Arc<Cache<team::Seat, ()>>,
    refused: moka::sync::Cache<Hash, Status>,
    throttle: Throttle,
    identity_feed: Tail,
    workspace_feed: Tail,
    key_use: Arc<KeyUse>,
}

/// Whose credential it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A person with an access token.
    User {
        /// Who.
        id: UserId,
        /// In which session.
        session: SessionId,
        /// The workspace for requests that name none; None if the person had none when they logged in.
        workspace: Option<WorkspaceId>,
        /// What they are to the platform as a whole, for the few who are.
        platform: Option<PlatformRole>,
        /// The operator who acts for them, if one does: in this workspace, and in no other.
        impersonation: Option<Impersonation>,
    },
    /// A program with an API key.
    Key {
        /// Which key.
        id: KeyId,
        /// Its only workspace.
        workspace: WorkspaceId,
        /// What it may do there.
        scopes: Scopes,
        /// The member who answers for it: it may do no more than they, and nothing once they are none. None: nobody does.
        user: Option<UserId>,
        /// The team of which it is: it may do nothing once that is gone, or the member who answers for it is not in it.
        team: Option<TeamId>,
    },
}

impl Door {
    /// A door, and the tasks that keep it honest.
    pub fn new(deps: Deps) -> Arc<Self> {
        let Deps { identity, workspaces, role, clock, ids, tasks, verifier } = deps;
        let (identity, workspaces) = (identity.called_by(role), workspaces.called_by(role));
        let credentials = Arc::new(Cache::new(CAPACITY, LONGEST));
        let members = Arc::new(Cache::new(CAPACITY, LONGEST));
        let teams = Arc::new(Cache::new(CAPACITY, LONGEST));
        let caller = follow::Caller { role, ids: ids.clone() };
        let key_use = KeyUse::start(identity.clone(), caller.clone(), &tasks);
        follow::sweep(&credentials, &members, &teams, &tasks);
        Arc::new(Self {
            identity_feed: follow::identity(&identity, &caller, &credentials, &tasks),
            workspace_feed: follow::workspace(&workspaces, &caller, (&members, &teams), &tasks),
            refused: moka::sync::Cache::builder().max_capacity(10_000).time_to_live(REFUSED).build(),
            throttle: Throttle::default(),
            identity,
            workspaces,
            role,
            clock,
            ids,
            verifier,
            credentials,
            members,
            teams,
            key_use,
        })
    }

    /// The call that `who` makes: about `workspace`, or about their own if the request names none. `base` carries
    /// what is known already (request id, deadline, client, trace).
    /// Errors: `NOT_FOUND` for a workspace that is not theirs, `IMPERSONATION_FORBIDDEN` for another than the one in which
    /// an operator acts for somebody, `KEY_REVOKED` for a key whose member or team has gone,
    /// `SERVICE_UNAVAILABLE`.
    pub async fn call(&self, who: &Who, workspace: Option<WorkspaceId>, base: Call) -> Result<Call, Status> {
        match *who {
            Who::Key { id, workspace: own, scopes, user, team } => {
                if workspace.is_some_and(|w| w != own) {
                    return Err(no_such_workspace());
                }
                let scopes = match user {
                    None => scopes,
                    Some(user) => scopes.intersection(self.scopes(user, own, &base).await.map_err(orphaned)?),
                };
                if let Some(team) = team {
                    self.seat((own, team, user), &base).await?;
                }
                Ok(Call { principal: Principal::Key { id }, workspace: Some(own), scopes, ..base })
            }
            Who::User { id, session, workspace: own, platform, impersonation } => {
                if impersonation.is_some() && workspace.is_some() && workspace != own {
                    return Err(proto::impersonation::elsewhere().into());
                }
                let (workspace, scopes) = match workspace.or(own) {
                    None => (None, Scopes::NONE),
                    Some(asked) => match self.scopes(id, asked, &base).await {
                        Ok(scopes) => (Some(asked), scopes),
                        // Whoever has been removed from their last workspace still has an account.
                        Err(status) if workspace.is_none() && Reason::of(&status) == Reason::NotFound => {
                            (None, Scopes::NONE)
                        }
                        Err(status) => return Err(status),
                    },
                };
                let scopes = scopes.union(of_person(platform));
                let scopes = impersonation.map_or(scopes, |acting| acting.limit(scopes));
                Ok(Call { principal: Principal::User { id, session }, impersonation, workspace, scopes, ..base })
            }
        }
    }

    /// The call that `who` makes about the platform as a whole: no workspace, and of permissions those of operators.
    /// What it needs of them is for the rpc to say.
    pub fn call_of_operator(who: &Who, base: Call) -> Call {
        match *who {
            Who::Key { id, .. } => Call { principal: Principal::Key { id }, ..base },
            Who::User { id, session, platform, impersonation, .. } => {
                let scopes = of_person(platform);
                let scopes = impersonation.map_or(scopes, |acting| acting.limit(scopes));
                Call { principal: Principal::User { id, session }, impersonation, scopes, ..base }
            }
        }
    }

    /// A call of the door itself, in which it asks on behalf of `base`.
    fn asks(&self, base: &Call) -> Call {
        let call = Call { trace: base.trace.clone(), ..Call::service(self.role, base.request_id) };
        call.until(tokio::time::Instant::now() + follow::PATIENCE)
    }
}

/// What somebody may do wherever they are.
const fn of_person(platform: Option<PlatformRole>) -> Scopes {
    let own = Scopes::NONE.with(Permission::Account);
    match platform {
        Some(role) => own.union(role.scopes()),
        None => own,
    }
}

/// What a key hears whose member has gone.
fn orphaned(status: Status) -> Status {
    match Reason::of(&status) {
        Reason::NotFound => {
            let why = "whoever made this API key is no member of its workspace any more: create a new one";
            Reason::KeyRevoked.with(why).into()
        }
        _ => status,
    }
}

fn no_such_workspace() -> Status {
    Reason::NotFound.with("there is no such workspace, or it is not yours").into()
}

#[cfg(test)]
mod tests;
