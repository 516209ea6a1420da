//! Identity and workspace as tests script them: real handles around state that the test changes.

mod feed;
mod services;

pub(crate) use feed::Feed;

use crate::{
    Clock, ClockHand, Ids, Tasks,
    door::{Deps, Door, key},
    feed::Freshness,
    peer::{Keys, Verifier},
};
use chrono::{DateTime, Duration, Utc};
use proto::{
    Call, Reason, Role,
    id::{KeyId, RequestId, SessionId, UserId, WorkspaceId},
    identity::{Identity, ResolveKeyResponse, ResolveTokenResponse},
    workspace::Workspaces,
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
};
use tonic::Status;

/// What the fake services know, and what they were asked.
#[derive(Default)]
pub(crate) struct State {
    pub keys: Mutex<HashMap<Vec<u8>, Result<ResolveKeyResponse, Reason>>>,
    pub tokens: Mutex<HashMap<String, Result<ResolveTokenResponse, Reason>>>,
    pub members: Mutex<HashMap<(String, String), Vec<&'static str>>>,
    /// Who is in which team: team and user, or no user where the team itself is asked for.
    pub seats: Mutex<std::collections::HashSet<(String, String)>>,
    pub used: Mutex<Vec<String>>,
    /// Look-ups of credentials and of members.
    pub asked: AtomicU64,
    /// Both services answer nothing but that they are away.
    pub away: AtomicBool,
    /// How long a look-up takes after it has read what it answers.
    pub slow_ms: AtomicU64,
    pub identity_feed: Feed,
    pub workspace_feed: Feed,
}

/// A door on fake services.
pub(crate) struct World {
    pub state: Arc<State>,
    pub identity: Identity,
    pub door: Arc<Door>,
    pub tasks: Tasks,
    pub hand: ClockHand,
    pub ids: Ids,
}

impl World {
    pub async fn new() -> Self {
        Self::with(None).await
    }

    /// Lets peers in whose keys are in `keys`.
    pub async fn with_peers(keys: &Keys) -> Self {
        Self::with(Some(keys.verifier(Clock::manual(start()).0))).await
    }

    /// Returns once the door follows both feeds.
    async fn with(verifier: Option<Verifier>) -> Self {
        let (clock, hand) = Clock::manual(start());
        let (state, tasks, ids) = (Arc::new(State::default()), Tasks::new(), Ids::new(clock.clone()));
        let identity = Identity::local(services::FakeIdentity(state.clone()), tasks.tracker());
        let workspaces = Workspaces::local(services::FakeWorkspaces(state.clone()), tasks.tracker());
        let deps = Deps {
            identity: identity.clone(),
            workspaces,
            role: Role::Edge,
            clock,
            ids: ids.clone(),
            tasks: tasks.clone(),
            verifier,
        };
        let world = Self { state, identity, door: Door::new(deps), tasks, hand, ids };
        for _ in 0..100 {
            if world.door.freshness() == (Freshness::Fresh, Freshness::Fresh) {
                return world;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("the door never followed its feeds");
    }

    pub fn call(&self) -> Call {
        Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
    }

    /// An API key in a workspace.
    pub fn key(&self) -> (String, KeyId, WorkspaceId) {
        let text = key::generate().expose().to_owned();
        let (id, workspace) = (KeyId::from_uuid(self.ids.uuid()), WorkspaceId::from_uuid(self.ids.uuid()));
        let found = ResolveKeyResponse {
            key_id: id.into(),
            workspace_id: workspace.into(),
            scopes: vec!["inference".to_owned(), "keys.read".to_owned()],
            expires_at: Some(proto::time::to_proto(start() + Duration::days(1))),
            ..ResolveKeyResponse::default()
        };
        self.state.keys.lock().unwrap().insert(key::hash(&text).to_vec(), Ok(found));
        (text, id, workspace)
    }

    /// Revokes a key without telling anybody.
    pub fn revoke_silently(&self, key: &str) {
        self.state.keys.lock().unwrap().insert(key::hash(key).to_vec(), Err(Reason::KeyRevoked));
    }

    /// An access token for 15 minutes.
    pub fn token(&self, workspace: Option<WorkspaceId>) -> (String, UserId, SessionId) {
        let (id, session) = (UserId::from_uuid(self.ids.uuid()), SessionId::from_uuid(self.ids.uuid()));
        let text = format!("e30.{session}.c2ln");
        let found = ResolveTokenResponse {
            user_id: id.into(),
            session_id: session.into(),
            workspace_id: workspace.map(String::from).unwrap_or_default(),
            expires_at: Some(proto::time::to_proto(start() + Duration::minutes(15))),
            ..ResolveTokenResponse::default()
        };
        self.state.tokens.lock().unwrap().insert(text.clone(), Ok(found));
        (text, id, session)
    }

    pub fn workspace(&self) -> WorkspaceId {
        WorkspaceId::from_uuid(self.ids.uuid())
    }

    pub fn asked(&self) -> u64 {
        self.state.asked.load(SeqCst)
    }
}

impl State {
    fn reachable(&self) -> Result<(), Status> {
        if self.away.load(SeqCst) { Err(Status::unavailable("tcp connect error")) } else { Ok(()) }
    }

    async fn slowly(&self) {
        tokio::time::sleep(std::time::Duration::from_millis(self.slow_ms.load(SeqCst))).await;
    }
}

pub(crate) fn start() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("a time")
}

/// The reason of a refusal.
pub(crate) fn reason<T: std::fmt::Debug>(result: Result<T, Status>) -> Reason {
    Reason::of(&result.expect_err("a refusal"))
}

/// Each of these rpcs of a fake service is never called by the tests.
pub(crate) fn unused<T>() -> Result<T, Status> {
    Err(Status::unimplemented("not part of this test"))
}
