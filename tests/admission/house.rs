//! All services in this process on SQLite, the edge's router before them, and a gate before usage-metering.

use crate::{Person, gate::Gate};
use axum::Router;
use host::{
    Clock, Ids, Readiness, Tasks,
    door::{self, Door},
    grpc,
    peer::{Channels, Keys},
};
use proto::{
    Role, billing::Billing, engine::AgentEngine, gateway::Gateway, identity::Identity, usage::Usage,
    workspace::Workspaces,
};
use std::{path::Path, sync::Arc};
use store::{Backend, Db, Schema, seal::MasterKey};
use tempfile::TempDir;
use tests::Upstream;
use tokio::net::TcpListener;
use tonic::service::Routes;

pub(crate) struct House {
    pub(crate) router: Router,
    pub(crate) gate: Gate,
    /// What everybody's providers are.
    pub(crate) provider: Upstream,
    _dir: TempDir,
}

/// What services are made of.
struct Base {
    dir: TempDir,
    clock: Clock,
    ids: Ids,
    tasks: Tasks,
    master: MasterKey,
    guard: egress::Guard,
}

impl House {
    /// Starts everything behind `gate`.
    pub(crate) async fn open(gate: Gate) -> anyhow::Result<Self> {
        Self::at(gate, Clock::system()).await
    }

    /// The same, at a time of the test's own.
    pub(crate) async fn at(gate: Gate, clock: Clock) -> anyhow::Result<Self> {
        let base = Base {
            dir: tempfile::tempdir()?,
            ids: Ids::new(clock.clone()),
            tasks: Tasks::new(),
            master: MasterKey::from_hex(&"07".repeat(32))?,
            guard: egress::Guard::new(&egress::Config::default(), true, vec![]),
            clock,
        };
        let (identity, workspaces) = people(&base).await?;
        let keys_dir = base.dir.path().join("peers");
        Keys::generate(&keys_dir, Role::ALL)?;
        let keys = Keys::load(&keys_dir, Role::ALL)?;
        let door = Door::new(door::Deps {
            identity: identity.clone(),
            workspaces: workspaces.clone(),
            role: Role::Edge,
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            tasks: base.tasks.clone(),
            verifier: Some(keys.verifier(base.clock.clone())),
        });
        let usage = usage(&base, &gate, &keys, &door).await?;
        let deps = gateway::Deps {
            identity: identity.called_by(Role::Gateway),
            workspaces: workspaces.called_by(Role::Gateway),
            usage: usage.called_by(Role::Gateway),
            egress: egress::Client::new(base.guard.clone(), egress::Purpose::Provider),
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            tasks: base.tasks.clone(),
            // What it answers reaches no provider, and would be admitted all the same.
            simulator_enabled: false,
            redis_url: None,
            spool_dir: None,
        };
        let models = gateway::Gateway::new(gateway::Config::default(), deps).await?;
        let gateway = Gateway::local(models, base.tasks.tracker());
        let services = edge::Services {
            identity: identity.called_by(Role::Edge),
            workspaces: workspaces.called_by(Role::Edge),
            gateway: gateway.called_by(Role::Edge),
            engine: agents(&base, &gateway).await?.called_by(Role::Edge),
            usage: usage.called_by(Role::Edge),
            billing: plans(&base, &workspaces, &usage).await?.called_by(Role::Edge),
            door,
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            readiness: Readiness::new(),
            overload: host::Overload::default(),
        };
        let router = edge::router(edge::Config::default(), services);
        Ok(Self { router, gate, provider: Upstream::start().await?, _dir: base.dir })
    }

    /// Somebody new, with a workspace, providers and a key.
    pub(crate) async fn person(&self) -> anyhow::Result<Person> {
        Person::new(self.router.clone(), &self.provider.url).await
    }
}

async fn agents(base: &Base, gateway: &Gateway) -> anyhow::Result<AgentEngine> {
    let deps = agent_engine::Deps {
        db: database(base.dir.path(), &agent_engine::SCHEMA).await?,
        gateway: gateway.called_by(Role::AgentEngine),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks.clone(),
    };
    let service = agent_engine::AgentEngine::new(agent_engine::Config::default(), deps).await?;
    Ok(AgentEngine::local(service, base.tasks.tracker()))
}

async fn plans(base: &Base, workspaces: &Workspaces, usage: &Usage) -> anyhow::Result<Billing> {
    let deps = billing::Deps {
        db: database(base.dir.path(), &billing::SCHEMA).await?,
        workspaces: workspaces.called_by(Role::Billing),
        usage: usage.called_by(Role::Billing),
        providers: vec![],
        letters: None,
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks.clone(),
    };
    let plans = billing::Billing::new(billing::Config::default(), deps)?;
    Ok(Billing::local(plans, base.tasks.tracker()))
}

async fn people(base: &Base) -> anyhow::Result<(Identity, Workspaces)> {
    let workspace = workspace::Workspace::new(
        workspace::Config::default(),
        workspace::Deps {
            db: database(base.dir.path(), &workspace::SCHEMA).await?,
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            tasks: base.tasks.clone(),
            master: base.master.clone(),
            guard: base.guard.clone(),
            letters: None,
        },
    );
    let workspaces = Workspaces::local(workspace.clone(), base.tasks.tracker());
    let people = identity::Identity::new(
        identity::Config::default(),
        identity::Deps {
            db: database(base.dir.path(), &identity::SCHEMA).await?,
            workspaces: workspaces.called_by(Role::Identity),
            clock: base.clock.clone(),
            ids: base.ids.clone(),
            tasks: base.tasks.clone(),
            letters: None,
            guard: egress::Guard::new(&egress::Config::default(), false, vec![]),
            dns: egress::Dns::new(&[]),
            api_base: "http://127.0.0.1:8080".to_owned(),
            master: base.master.clone(),
            redis_url: None,
            is_private: true,
        },
    )?;
    people.start(&base.tasks);
    people.follow(&base.tasks);
    let identity = Identity::local(people, base.tasks.tracker());
    workspace.follow(identity.called_by(Role::Workspace), &base.tasks);
    Ok((identity, workspaces))
}

/// Usage-metering as another process would be reached, so that the gate sees what passes.
async fn usage(base: &Base, gate: &Gate, keys: &Keys, door: &Arc<Door>) -> anyhow::Result<Usage> {
    let deps = usage_metering::Deps {
        data_dir: Some(base.dir.path().to_owned()),
        db: database(base.dir.path(), &usage_metering::SCHEMA).await?,
        redis_url: None,
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        master: base.master.clone(),
        guard: egress::Guard::new(&egress::Config::default(), false, vec![]),
        peers: None,
        letters: None,
        tasks: base.tasks.clone(),
    };
    let ledger = usage_metering::Usage::new(usage_metering::Config::default(), deps).await?;
    let behind = Usage::local(ledger, base.tasks.tracker()).into_grpc(door.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = format!("http://{}", listener.local_addr()?);
    let serving = grpc::Serving {
        services: Routes::new(gate.before(behind)),
        roles: vec![Role::UsageMetering],
        door: door.clone(),
        readiness: Readiness::new(),
        overload: host::Overload::default(),
        tls: None,
    };
    let (tasks, stop) = (base.tasks.clone(), base.tasks.stopping());
    drop(base.tasks.spawn("usage-metering", async move { grpc::serve(listener, serving, &tasks, stop).await }));
    let channels = Channels::open([(Role::UsageMetering, vec![address])], keys.signer(base.clock.clone()))?;
    Ok(Usage::remote(channels.peer(Role::UsageMetering)?))
}

async fn database(dir: &Path, schema: &Schema) -> anyhow::Result<Db> {
    let db = Db::open(&Backend::Sqlite { dir: dir.to_owned() }, schema)?;
    db.migrate().await?;
    Ok(db)
}
