//! What runs here, what runs elsewhere, and who gets which handle. Leaves first; where a service runs is decided here
//! and nowhere else.

mod base;
mod guard;
mod helpers;
mod here;
mod peers;
mod pools;

pub use base::Base;
pub use guard::guard;

use host::door::{self, Door};
use host::grpc;
use proto::billing::Billing;
use proto::engine::AgentEngine;
use proto::gateway::Gateway;
use proto::identity::Identity;
use proto::usage::Usage;
use proto::workspace::Workspaces;
use proto::{Role, rpc};
use std::sync::Arc;
use tonic::service::RoutesBuilder;

/// The services of a process as their callers see them.
pub struct Wired {
    identity: Identity,
    workspaces: Workspaces,
    usage: Option<Usage>,
    billing: Option<Billing>,
    gateway: Option<Gateway>,
    engine: Option<AgentEngine>,
    door: Arc<Door>,
    /// The ledger, if it is kept here: it is flushed before the process ends.
    pub ledger: Option<usage_metering::Usage>,
}

/// Starts the services that run here and finds the others.
///
/// # Errors
/// The first thing that is missing or wrong, in one sentence.
pub async fn wire(base: &Base) -> anyhow::Result<Wired> {
    let workspace = here::workspace(base)?;
    let workspaces = base.place(Role::Workspace, workspace.clone(), Workspaces::local, Workspaces::remote)?;
    let people = here::identity(base, &workspaces)?;
    let identity = base.place(Role::Identity, people, Identity::local, Identity::remote)?;
    let ledger = here::usage(base, &identity, &workspaces).await?;
    let usage = base.place_if_called(Role::UsageMetering, ledger.clone(), Usage::local, Usage::remote)?;
    let plans = here::billing(base, &workspaces, usage.as_ref())?;
    let billing = base.place_if_called(Role::Billing, plans, Billing::local, Billing::remote)?;
    let models = here::gateway(base, &identity, &workspaces, usage.as_ref()).await?;
    let gateway = base.place_if_called(Role::Gateway, models, Gateway::local, Gateway::remote)?;

    let agents = here::engine(base, gateway.as_ref()).await?;
    let engine = base.place_if_called(Role::AgentEngine, agents, AgentEngine::local, AgentEngine::remote)?;

    base.certificates.watch(&base.stages.services);
    base.channels.watch(&base.stages.services);
    peers::expect(base);
    helpers::watch(base)?;
    // Names of people, plans and audit events flow back as events: no call goes against the arrows.
    if let Some(workspace) = &workspace {
        workspace.follow(identity.called_by(Role::Workspace), &base.stages.services);
    }
    if let (Some(workspace), Some(billing)) = (&workspace, &billing) {
        workspace.follow_billing(billing.called_by(Role::Workspace), &base.stages.services);
    }
    if let (Some(workspace), Some(usage)) = (&workspace, &usage) {
        workspace.follow_usage(usage.called_by(Role::Workspace), &base.stages.services);
    }
    if let (Some(ledger), Some(billing)) = (&ledger, &billing) {
        ledger.follow(billing.called_by(Role::UsageMetering), &base.stages.services);
    }
    if let Some(ledger) = &ledger {
        ledger.follow_workspaces(workspaces.called_by(Role::UsageMetering), &base.stages.services);
        ledger.follow_people(identity.called_by(Role::UsageMetering), &base.stages.services);
    }
    let door = Door::new(door::Deps {
        identity: identity.clone(),
        workspaces: workspaces.clone(),
        role: base.first_role(),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.stages.services.clone(),
        verifier: Some(base.keys.verifier(base.clock.clone())),
    });
    Ok(Wired { identity, workspaces, usage, billing, gateway, engine, door, ledger })
}

impl Wired {
    /// What the edge calls; `None` without the handles that only an edge has.
    pub fn for_edge(&self, base: &Base) -> Option<edge::Services> {
        Some(edge::Services {
            identity: self.identity.called_by(Role::Edge),
            workspaces: self.workspaces.called_by(Role::Edge),
            gateway: self.gateway.as_ref()?.called_by(Role::Edge),
            usage: self.usage.as_ref()?.called_by(Role::Edge),
            billing: self.billing.as_ref()?.called_by(Role::Edge),
            engine: self.engine.as_ref()?.called_by(Role::Edge),
            door: self.door.clone(),
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            readiness: base.readiness.clone(),
            overload: base.overload.clone(),
        })
    }

    /// What this process serves over gRPC: the services that run here.
    pub fn for_grpc(&self, base: &Base) -> grpc::Serving {
        let door: Arc<dyn rpc::Door> = self.door.clone();
        let here = |role| base.roles.has(role);
        let mut services = RoutesBuilder::default();
        if here(Role::Workspace) {
            services.add_service(self.workspaces.clone().into_grpc(door.clone()));
        }
        if here(Role::Identity) {
            services.add_service(self.identity.clone().into_grpc(door.clone()));
        }
        if let Some(usage) = self.usage.clone().filter(|_| here(Role::UsageMetering)) {
            services.add_service(usage.into_grpc(door.clone()));
        }
        if let Some(billing) = self.billing.clone().filter(|_| here(Role::Billing)) {
            services.add_service(billing.into_grpc(door.clone()));
        }
        if let Some(gateway) = self.gateway.clone().filter(|_| here(Role::Gateway)) {
            services.add_service(gateway.into_grpc(door.clone()));
        }
        if let Some(engine) = self.engine.clone().filter(|_| here(Role::AgentEngine)) {
            services.add_service(engine.into_grpc(door));
        }
        grpc::Serving {
            services: services.routes(),
            roles: base.roles.as_slice().to_vec(),
            door: self.door.clone(),
            readiness: base.readiness.clone(),
            overload: base.overload.clone(),
            tls: base.certificates.server.clone(),
        }
    }
}
