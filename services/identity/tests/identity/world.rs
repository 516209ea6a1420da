//! What each test stands on: the service on a database of its own, and short words for what people do.

use crate::{fake, post::Post};
use chrono::{DateTime, TimeDelta, Utc};
use egress::{Dns, testing::FakeNameServer};
use futures::StreamExt as _;
use host::{Clock, ClockHand, Ids, Tasks};
use identity::{Config, Deps, Letters, SCHEMA};
use proto::{
    Call, Failure, Permission, Principal, Reason, Scopes,
    feed::{Event, WatchRequest},
    id::{RequestId, WorkspaceId},
    identity::*,
    workspace::Workspaces,
};
use std::{future::Future, time::Duration};
use store::{
    Db,
    seal::MasterKey,
    testing::{self, Fresh},
};
use tonic::Status;

pub const EMAIL: &str = "ana@example.com";
pub const PASSWORD: &str = "correct horse battery";

pub struct World {
    /// As the edge calls it.
    pub identity: Identity,
    pub service: identity::Identity,
    pub workspaces: fake::Workspaces,
    pub hand: ClockHand,
    pub clock: Clock,
    pub ids: Ids,
    pub tasks: Tasks,
    pub master: MasterKey,
    /// Where letters go.
    pub post: Post,
    /// Whom the service asks for names.
    pub names: FakeNameServer,
    pub fresh: Fresh,
}

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Person {
    pub user: User,
    pub workspace: Membership,
    pub access: String,
    pub refresh: String,
}

/// Runs a test on each database.
pub async fn everywhere<F: Future<Output = ()>>(test: impl Fn(World) -> F) {
    everywhere_with(Config::default(), test).await;
}

/// The same with settings.
pub async fn everywhere_with<F: Future<Output = ()>>(config: Config, test: impl Fn(World) -> F) {
    for fresh in testing::both(&SCHEMA).await {
        let start = DateTime::from_timestamp(1_800_000_000, 0).expect("a time");
        let (clock, hand) = Clock::manual(start);
        let (master, workspaces) = (MasterKey::generate(), fake::Workspaces::default());
        let (post, names) = (Post::new(), FakeNameServer::start().await.expect("a name server"));
        let dns = Dns::new(&[names.server()]);
        let letters = Some(post.letters());
        let (service, identity, tasks) =
            build(&fresh.db, &clock, &master, &workspaces, (letters, dns), config.clone(), true);
        let ids = Ids::new(clock.clone());
        test(World { identity, service, workspaces, hand, clock, ids, tasks, master, post, names, fresh }).await;
    }
}

fn build(
    db: &Db,
    clock: &Clock,
    master: &MasterKey,
    workspaces: &fake::Workspaces,
    (letters, dns): (Option<Letters>, Dns),
    config: Config,
    is_private: bool,
) -> (identity::Identity, Identity, Tasks) {
    let tasks = Tasks::new();
    let deps = Deps {
        db: db.clone(),
        workspaces: Workspaces::local(workspaces.clone(), tasks.tracker()).called_by(proto::Role::Identity),
        clock: clock.clone(),
        ids: Ids::new(clock.clone()),
        tasks: tasks.clone(),
        letters,
        // Providers of sign-ins are beside the tests.
        guard: egress::Guard::new(
            &egress::Config { allow: vec!["127.0.0.0/8".parse().expect("a range")], ..Default::default() },
            false,
            vec![],
        ),
        dns,
        api_base: "https://api.example.com".to_owned(),
        master: master.clone(),
        redis_url: None,
        is_private,
    };
    let service = identity::Identity::new(config, deps).expect("a configuration");
    let handle = Identity::local(service.clone(), tasks.tracker()).called_by(proto::Role::Edge);
    (service, handle, tasks)
}

impl World {
    /// Another process on the same database.
    pub fn replica(&self, config: Config) -> Identity {
        let db = Db::open(&self.fresh.backend, &SCHEMA).expect("the database opens again");
        build(&db, &self.clock, &self.master, &self.workspaces, (None, self.dns()), config, true).1
    }

    /// Another process on the same database, with letters, which only this machine reaches or others as well.
    pub fn somewhere(&self, config: Config, is_private: bool) -> Identity {
        let letters = Some(self.post.letters());
        build(&self.fresh.db, &self.clock, &self.master, &self.workspaces, (letters, self.dns()), config, is_private).1
    }

    /// Another process that follows the workspace service, which tells of members who leave.
    pub fn follower(&self) -> Tasks {
        let db = Db::open(&self.fresh.backend, &SCHEMA).expect("the database opens again");
        let (service, _, tasks) =
            build(&db, &self.clock, &self.master, &self.workspaces, (None, self.dns()), Config::default(), true);
        service.follow(&tasks);
        tasks
    }

    fn dns(&self) -> Dns {
        Dns::new(&[self.names.server()])
    }

    /// Another process with another master key.
    pub fn with_master(&self, master: &MasterKey) -> identity::Identity {
        build(&self.fresh.db, &self.clock, master, &self.workspaces, (None, self.dns()), Config::default(), true).0
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    pub fn later(&self, by: TimeDelta) {
        self.hand.advance(by);
    }

    /// A call without a credential.
    pub fn anonymous(&self) -> Call {
        Call::anonymous(RequestId::from_uuid(self.ids.uuid()))
    }

    /// The call that a door would make of an access token, for an owner.
    pub async fn call(&self, access: &str) -> Call {
        let who = self.resolve(access).await.expect("a token that works");
        Call {
            principal: Principal::User {
                id: who.user_id.parse().expect("a user id"),
                session: who.session_id.parse().expect("a session id"),
            },
            workspace: who.workspace_id.parse().ok(),
            scopes: Permission::ALL.iter().copied().collect(),
            ..self.anonymous()
        }
    }

    /// The call of somebody in a workspace with these permissions.
    pub fn in_workspace(&self, workspace: WorkspaceId, scopes: &[Permission]) -> Call {
        let id = proto::id::KeyId::from_uuid(self.ids.uuid());
        let scopes: Scopes = scopes.iter().copied().collect();
        Call { principal: Principal::Key { id }, workspace: Some(workspace), scopes, ..self.anonymous() }
    }

    pub async fn try_sign_up(&self, request: SignUpRequest) -> Result<Person, Failure> {
        let done = self.identity.sign_up(&self.anonymous(), request).await.map_err(failure)?;
        Ok(person(done.user, done.workspace, done.tokens))
    }

    pub async fn sign_up(&self, email: &str) -> Person {
        self.try_sign_up(sign_up_of(email)).await.expect("a sign-up")
    }

    pub async fn login(&self, email: &str, password: &str) -> Result<Person, Failure> {
        let request = login_of(email, password);
        let done = self.identity.login(&self.anonymous(), request).await.map_err(failure)?;
        Ok(person(done.user, done.workspace, done.tokens))
    }

    pub async fn refresh(&self, token: &str) -> Result<Person, Failure> {
        let request = RefreshRequest { refresh_token: token.to_owned() };
        let done = self.identity.refresh(&self.anonymous(), request).await.map_err(failure)?;
        Ok(person(done.user, done.workspace, done.tokens))
    }

    pub async fn resolve(&self, access: &str) -> Result<ResolveTokenResponse, Failure> {
        resolve_at(&self.identity, &self.anonymous(), access).await
    }

    /// Everything that happened, as the feed tells it.
    pub async fn events(&self) -> Vec<Event> {
        let mut feed = self.identity.watch(&self.anonymous(), WatchRequest { after: Some(0) }).await.expect("a feed");
        let mut all = vec![];
        loop {
            let batch = tokio::time::timeout(Duration::from_secs(5), feed.next()).await.expect("a batch in time");
            let batch = batch.expect("the feed goes on").expect("a batch");
            if batch.events.is_empty() {
                return all;
            }
            all.extend(batch.events);
        }
    }

    pub async fn kinds(&self) -> Vec<String> {
        self.events().await.into_iter().map(|e| e.kind).collect()
    }
}

pub async fn resolve_at(identity: &Identity, call: &Call, access: &str) -> Result<ResolveTokenResponse, Failure> {
    identity
        .resolve_token(call, ResolveTokenRequest { access_token: access.to_owned(), knows_impersonation: true })
        .await
        .map_err(failure)
}

pub fn sign_up_of(email: &str) -> SignUpRequest {
    SignUpRequest {
        email: email.to_owned(),
        password: PASSWORD.to_owned(),
        name: "Ana Maria".to_owned(),
        ..SignUpRequest::default()
    }
}

pub fn login_of(email: &str, password: &str) -> LoginRequest {
    LoginRequest { email: email.to_owned(), password: password.to_owned(), ..Default::default() }
}

pub fn failure(status: Status) -> Failure {
    Failure::from(&status)
}

/// The reason of something that must fail.
#[track_caller]
pub fn reason<T: std::fmt::Debug>(outcome: Result<T, Failure>) -> Reason {
    outcome.expect_err("it must fail").reason
}

fn person(user: Option<User>, workspace: Option<Membership>, tokens: Option<TokenPair>) -> Person {
    let tokens = tokens.expect("tokens");
    assert_eq!(tokens.expires_in, 900);
    Person {
        user: user.expect("a user"),
        workspace: workspace.unwrap_or_default(),
        access: tokens.access_token,
        refresh: tokens.refresh_token,
    }
}
