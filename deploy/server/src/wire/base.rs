//! What every service is made of.

use crate::certificates::Certificates;
use crate::lifecycle::Stages;
use crate::roles::Roles;
use crate::settings::Settings;
use egress::Guard;
use host::peer::{Channels, Error, Keys};
use host::{Clock, Ids, Overload, Readiness, Tasks};
use proto::Role;
use proto::rpc::Peer;
use std::sync::Arc;
use store::seal::MasterKey;
use tokio_util::task::TaskTracker;

/// What every service is made of.
pub struct Base {
    /// The whole configuration.
    pub settings: Settings,
    /// What runs here.
    pub roles: Roles,
    /// The time.
    pub clock: Clock,
    /// New ids.
    pub ids: Ids,
    /// The tasks of the process, by the order in which they stop.
    pub stages: Stages,
    /// What the probes ask.
    pub readiness: Readiness,
    /// What the doors ask before they let work in.
    pub overload: Overload,
    /// Seals secrets; there if a role needs it.
    pub master: Option<MasterKey>,
    /// Proves the roles that run here, and knows the others.
    pub keys: Keys,
    /// Protect the calls between processes.
    pub certificates: Certificates,
    /// The way to the others.
    pub channels: Arc<Channels>,
    /// Which addresses may be called.
    pub guard: Guard,
}

impl Base {
    /// Channels to the roles that run elsewhere.
    ///
    /// # Errors
    /// For an address that is not one.
    pub fn channels(
        settings: &Settings,
        roles: &Roles,
        keys: &Keys,
        certificates: &Certificates,
        clock: &Clock,
    ) -> Result<Arc<Channels>, Error> {
        let elsewhere = roles.calls().into_iter().map(|role| (role, settings.peer(role).to_vec()));
        Channels::open_by(elsewhere, keys.signer(clock.clone()), &certificates.ways()).map(Arc::new)
    }

    /// The handle of a role: of the service here if there is one, otherwise of the one elsewhere.
    ///
    /// # Errors
    /// If nobody has said where that is.
    pub fn place<S, H>(
        &self,
        role: Role,
        service: Option<S>,
        local: impl FnOnce(S, TaskTracker) -> H,
        remote: impl FnOnce(Peer) -> H,
    ) -> Result<H, Error> {
        match service {
            Some(service) => Ok(local(service, self.tasks(role).tracker())),
            None => self.channels.peer(role).map(remote),
        }
    }

    /// As [`Self::place`], for a role that not every process calls.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub fn place_if_called<S, H>(
        &self,
        role: Role,
        service: Option<S>,
        local: impl FnOnce(S, TaskTracker) -> H,
        remote: impl FnOnce(Peer) -> H,
    ) -> Result<Option<H>, Error> {
        if service.is_none() && !self.roles.calls().contains(&role) {
            return Ok(None);
        }
        self.place(role, service, local, remote).map(Some)
    }

    /// In whose name this process asks who a credential belongs to.
    pub fn first_role(&self) -> Role {
        self.roles.iter().next().unwrap_or(Role::Edge)
    }

    /// The tasks of a role.
    pub fn tasks(&self, role: Role) -> &Tasks {
        match role {
            Role::Workspace | Role::Identity | Role::Billing => &self.stages.services,
            Role::UsageMetering => &self.stages.usage,
            Role::Gateway => &self.stages.gateway,
            Role::AgentEngine => &self.stages.engine,
            Role::Edge => &self.stages.doors,
        }
    }
}
