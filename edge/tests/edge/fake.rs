//! Services that only exist here. Each remembers the last call and request, and answers what a test needs.

mod billing;
pub mod directory;
mod engine;
pub mod executions;
mod gateway;
mod identity;
mod usage;
mod workspace;

use futures::{StreamExt as _, stream};
use host::{
    Clock, Ids, Readiness, Tasks,
    door::{Deps, Door},
};
use proto::{
    Call, Role,
    billing::{Billing, ReceiveNotificationRequest},
    engine::AgentEngine,
    feed::WatchResponse,
    gateway::Gateway,
    identity::Identity,
    usage::Usage,
    workspace::Workspaces,
};
use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
    time::Duration,
};
use tonic::{Status, codegen::BoxStream};

/// Ana's access token.
pub const TOKEN: &str = "ana.access.token";
/// Ana's access token, had she the platform role developer.
pub const OPERATOR_TOKEN: &str = "ana.operator.token";
/// Ana's access token, had she the platform role admin.
pub const ADMIN_TOKEN: &str = "ana.admin.token";
/// Of somebody who acts for Ana, and only reads.
pub const READING_TOKEN: &str = "ana.reading.token";
/// Of somebody who acts for Ana, and may write.
pub const WRITING_TOKEN: &str = "ana.writing.token";
/// They, and their own session.
pub const STAFF: &str = "usr_01k9tq6j3se5mb1pt2xdv6q3kx";
pub const STAFF_SESSION: &str = "ses_01k9tq6j3se5mb1pt2xdv6q3kx";
/// Ana's workspace.
pub const WORKSPACE: &str = "ws_01k9tq6j3se5mb1pt2xdv6q3kz";
/// Somebody else's.
pub const FOREIGN: &str = "ws_01k9tq6j3se5mb1pt2xdv6q3kx";
pub const PROVIDER: &str = "prov_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const KEY_ID: &str = "key_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const REQUEST: &str = "req_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const INVITATION: &str = "invt_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const EXPORT: &str = "exp_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const SUBSCRIPTION: &str = "sub_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const PROMOTION_CODE: &str = "promo_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const INVOICE: &str = "inv_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const PAYMENT: &str = "pay_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const CREDITS: &str = "crgr_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const EXECUTION: &str = "exec_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const TEAM: &str = "team_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const WEBHOOK: &str = "hook_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const ROLE: &str = "auditor";
pub const DELIVERY: &str = "dlv_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const SCHEDULE: &str = "sched_01k9tq6j3se5mb1pt2xdv6q3kz";
/// What the link of a letter about the export holds.
pub const LINK: &str = "the-link-of-a-letter";
pub const ANA: &str = "usr_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const SESSION: &str = "ses_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const IDENTITY: &str = "idn_01k9tq6j3se5mb1pt2xdv6q3kz";
pub const PASSKEY: &str = "psk_01k9tq6j3se5mb1pt2xdv6q3kz";

/// What the services saw, and what they are told to do.
#[derive(Clone)]
pub struct Fakes {
    pub seen: Arc<Mutex<Vec<Seen>>>,
    pub readiness: Readiness,
    pub tasks: Tasks,
    /// An API key that identity knows, with the scope `inference`.
    pub key: Arc<str>,
    /// Another, with the scopes of a directory.
    pub directory_key: Arc<str>,
    /// True once the client's going has reached the gateway's stream.
    pub dropped: Arc<std::sync::atomic::AtomicBool>,
    /// What providers of payments told and billing took, with what proves it.
    pub notified: Arc<Mutex<Vec<ReceiveNotificationRequest>>>,
    /// What became of executions, and what is to go wrong with them.
    pub executions: Arc<Mutex<executions::World>>,
    /// Whom a directory has.
    pub directory: Arc<Mutex<directory::World>>,
}

/// A call as a service got it.
#[derive(Clone, Debug)]
pub struct Seen {
    pub rpc: &'static str,
    pub call: Call,
    pub request: String,
}

impl Default for Fakes {
    fn default() -> Self {
        Self {
            seen: Arc::default(),
            readiness: Readiness::new(),
            tasks: Tasks::new(),
            key: host::door::key::generate().expose().into(),
            directory_key: host::door::key::generate().expose().into(),
            dropped: Arc::default(),
            notified: Arc::default(),
            executions: Arc::default(),
            directory: Arc::default(),
        }
    }
}

impl Fakes {
    pub fn services(&self) -> edge::Services {
        let tracker = || self.tasks.tracker();
        let identity = Identity::local(self.clone(), tracker());
        let workspaces = Workspaces::local(self.clone(), tracker());
        let (clock, tasks) = (Clock::system(), self.tasks.clone());
        let ids = Ids::new(clock.clone());
        let door = Door::new(Deps {
            identity: identity.clone(),
            workspaces: workspaces.clone(),
            role: Role::Edge,
            clock: clock.clone(),
            ids: ids.clone(),
            tasks,
            verifier: None,
        });
        edge::Services {
            identity: identity.called_by(Role::Edge),
            workspaces: workspaces.called_by(Role::Edge),
            gateway: Gateway::local(self.clone(), tracker()).called_by(Role::Edge),
            usage: Usage::local(self.clone(), tracker()).called_by(Role::Edge),
            billing: Billing::local(self.clone(), tracker()).called_by(Role::Edge),
            engine: AgentEngine::local(self.clone(), tracker()).called_by(Role::Edge),
            door,
            clock,
            ids,
            readiness: self.readiness.clone(),
            overload: host::Overload::default(),
        }
    }

    /// The last call of this rpc.
    pub fn last(&self, rpc: &str) -> Seen {
        let seen = self.seen.lock().unwrap();
        seen.iter().rev().find(|seen| seen.rpc == rpc).unwrap_or_else(|| panic!("{rpc} was not called")).clone()
    }

    pub fn was_called(&self, rpc: &str) -> bool {
        self.seen.lock().unwrap().iter().any(|seen| seen.rpc == rpc)
    }

    fn note(&self, rpc: &'static str, call: &Call, request: &impl Debug) {
        let seen = Seen { rpc, call: call.clone(), request: format!("{request:?}") };
        self.seen.lock().unwrap().push(seen);
    }
}

/// A feed in which nothing happens.
fn quiet() -> BoxStream<WatchResponse> {
    stream::unfold(false, |waited| async move {
        if waited {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Some((Ok(WatchResponse { events: vec![], position: 1 }), true))
    })
    .boxed()
}

fn at(seconds: i64) -> Option<prost_types::Timestamp> {
    Some(prost_types::Timestamp { seconds, nanos: 0 })
}

/// Whether a service would say that it has answered this call before.
fn again(call: &Call) -> bool {
    call.idempotency_key.as_deref() == Some("again")
}

/// Where the second page begins.
const MORE: &str = "more";

/// What comes after a page: there are two of them.
fn more(page_token: &str) -> String {
    if page_token == MORE { String::new() } else { MORE.to_owned() }
}

/// What these tests never call.
fn unused<T>() -> Result<T, Status> {
    Err(Status::unimplemented("not part of these tests"))
}
