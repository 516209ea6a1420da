//! Which events take back what the door remembers?

use super::{
    credential::{Credential, Hash},
    team::Seat,
};
use crate::{
    Ids, Tasks,
    feed::{Cache, Tail},
};
use proto::{
    Call, Role, Scopes,
    feed::{Event, WatchRequest},
    id::{KeyId, RequestId, SessionId, TeamId, UserId, WorkspaceId},
    identity::Identity,
    workspace::Workspaces,
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;
use uuid::Uuid;

/// What members may do.
type Members = Cache<(UserId, WorkspaceId), Scopes>;
/// Who is in which team.
type Teams = Cache<Seat, ()>;

/// How long the door waits for an answer of its own.
pub(super) const PATIENCE: Duration = Duration::from_secs(2);

/// In whose name the door asks when no request is behind it.
#[derive(Clone)]
pub(super) struct Caller {
    pub role: Role,
    pub ids: Ids,
}

impl Caller {
    pub fn call(&self) -> Call {
        self.stream().until(Instant::now() + PATIENCE)
    }

    /// Without a deadline: a feed never ends.
    fn stream(&self) -> Call {
        Call::service(self.role, RequestId::from_uuid(self.ids.uuid()))
    }
}

/// Follows identity: ended sessions, revoked keys, disabled users.
pub(super) fn identity(
    identity: &Identity,
    caller: &Caller,
    credentials: &Arc<Cache<Hash, Credential>>,
    tasks: &Tasks,
) -> Tail {
    let (identity, caller, credentials) = (identity.clone(), caller.clone(), credentials.clone());
    let open = move |after| {
        let (identity, call) = (identity.clone(), caller.stream());
        async move { identity.watch(&call, WatchRequest { after }).await }
    };
    let on_event = move |event: Event| {
        if let Some(subject) = credential_of(&event) {
            credentials.expire(subject);
        }
        std::future::ready(Ok(()))
    };
    Tail::start("identity feed", open, on_event, tasks)
}

/// Follows workspace: members who come, go or get another role, teams, and whatever happens to workspaces.
pub(super) fn workspace(
    workspaces: &Workspaces,
    caller: &Caller,
    (members, teams): (&Arc<Members>, &Arc<Teams>),
    tasks: &Tasks,
) -> Tail {
    let (workspaces, caller, members, teams) = (workspaces.clone(), caller.clone(), members.clone(), teams.clone());
    let open = move |after| {
        let (workspaces, call) = (workspaces.clone(), caller.stream());
        async move { workspaces.watch(&call, WatchRequest { after }).await }
    };
    let on_event = move |event: Event| {
        if let Some(subject) = membership_of(&event) {
            members.expire(subject);
            teams.expire(subject);
        }
        std::future::ready(Ok(()))
    };
    Tail::start("workspace feed", open, on_event, tasks)
}

/// Keeps the caches' indexes as small as the caches.
pub(super) fn sweep(
    credentials: &Arc<Cache<Hash, Credential>>,
    members: &Arc<Members>,
    teams: &Arc<Teams>,
    tasks: &Tasks,
) {
    let (credentials, members, teams) = (credentials.clone(), members.clone(), teams.clone());
    tasks.every("door sweep", Duration::from_secs(60), move || {
        credentials.sweep();
        members.sweep();
        teams.sweep();
        std::future::ready(())
    });
}

/// A kind of event that a newer release adds is read by its subject, so that whatever happens to a session, key or
/// user makes the door ask again.
fn credential_of(event: &Event) -> Option<Uuid> {
    let noun = event.kind.split('.').next()?;
    match noun {
        "session" => event.subject.parse().map(SessionId::uuid).ok(),
        "api_key" => event.subject.parse().map(KeyId::uuid).ok(),
        "user" => event.subject.parse().map(UserId::uuid).ok(),
        _ => None,
    }
}

fn membership_of(event: &Event) -> Option<Uuid> {
    let noun = event.kind.split('.').next()?;
    match noun {
        "team" => event.subject.parse().map(TeamId::uuid).ok(),
        "member" => event.subject.parse().map(UserId::uuid).ok(),
        "workspace" => event.workspace_id.parse().map(WorkspaceId::uuid).ok(),
        _ => None,
    }
}
