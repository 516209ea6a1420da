//! What handlers share.

use crate::Config;
use host::{Clock, Ids, Overload, Readiness, door::Door};
use proto::{
    billing::Billing, engine::AgentEngine, gateway::Gateway, identity::Identity, usage::Usage, workspace::Workspaces,
};
use std::sync::{Arc, OnceLock};

/// Everything that the edge calls, as the composition root gives it. Handles are `called_by(Role::Edge)`.
#[derive(Clone)]
pub struct Services {
    /// People and credentials.
    pub identity: Identity,
    /// Tenants, members, providers.
    pub workspaces: Workspaces,
    /// Models.
    pub gateway: Gateway,
    /// Logs and usage.
    pub usage: Usage,
    /// Plans and subscriptions.
    pub billing: Billing,
    /// Executions. It learns what is asked, and never who asks.
    pub engine: AgentEngine,
    /// Says who presents a credential.
    pub door: Arc<Door>,
    /// The time.
    pub clock: Clock,
    /// New request ids.
    pub ids: Ids,
    /// What `/readyz` tells.
    pub readiness: Readiness,
    /// Whether more can be taken on.
    pub overload: Overload,
}

/// The state of every handler.
pub(crate) struct App {
    pub config: Config,
    pub services: Services,
    /// `/openapi.json`.
    pub openapi: bytes::Bytes,
    /// `/docs`.
    pub reference: bytes::Bytes,
}

/// How handlers name their state.
pub(crate) type Shared = Arc<App>;

/// The state, for layers of routes that are made before it is there.
#[derive(Clone, Default)]
pub(crate) struct Later(Arc<OnceLock<Shared>>);

impl Later {
    /// It is there. Once.
    pub(crate) fn set(&self, app: &Shared) {
        let _ = self.0.set(app.clone());
    }

    /// None while routes are only described.
    pub(crate) fn get(&self) -> Option<&Shared> {
        self.0.get()
    }
}
