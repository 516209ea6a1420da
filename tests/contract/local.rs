//! All services in this process, on SQLite, behind `local` handles.

use crate::{Behind, Handles};
use host::{Clock, Ids, Tasks};
use proto::{
    Role, billing::Billing, engine::AgentEngine, gateway::Gateway, identity::Identity, usage::Usage,
    workspace::Workspaces,
};
use std::{path::Path, sync::Arc};
use store::{Backend, Db, Schema, seal::MasterKey};

pub(crate) async fn handles() -> anyhow::Result<Handles> {
    let dir = tempfile::tempdir()?;
    let (clock, tasks) = (Clock::system(), Tasks::new());
    let ids = Ids::new(clock.clone());
    let master = MasterKey::from_hex(&"07".repeat(32))?;
    let guard = egress::Guard::new(&egress::Config::default(), true, vec![]);

    let workspace = workspace::Workspace::new(
        workspace::Config::default(),
        workspace::Deps {
            db: database(dir.path(), &workspace::SCHEMA).await?,
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
            master: master.clone(),
            guard: guard.clone(),
            letters: None,
        },
    );
    let workspaces = Workspaces::local(workspace.clone(), tasks.tracker());
    let people = identity::Identity::new(
        identity::Config::default(),
        identity::Deps {
            db: database(dir.path(), &identity::SCHEMA).await?,
            workspaces: workspaces.called_by(Role::Identity),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
            letters: None,
            guard: egress::Guard::new(&egress::Config::default(), false, vec![]),
            dns: egress::Dns::new(&[]),
            api_base: "http://127.0.0.1:8080".to_owned(),
            master: master.clone(),
            redis_url: None,
            is_private: true,
        },
    )?;
    people.start(&tasks);
    people.follow(&tasks);
    let identity = Identity::local(people, tasks.tracker());
    workspace.follow(identity.called_by(Role::Workspace), &tasks);
    let ledger = usage_metering::Usage::new(
        usage_metering::Config::default(),
        usage_metering::Deps {
            data_dir: Some(dir.path().to_owned()),
            db: database(dir.path(), &usage_metering::SCHEMA).await?,
            redis_url: None,
            clock: clock.clone(),
            ids: ids.clone(),
            master,
            guard: egress::Guard::new(&egress::Config::default(), false, vec![]),
            peers: Some(usage_metering::Peers {
                identity: identity.called_by(Role::UsageMetering),
                workspaces: workspaces.called_by(Role::UsageMetering),
            }),
            letters: None,
            tasks: tasks.clone(),
        },
    )
    .await?;
    let usage = Usage::local(ledger.clone(), tasks.tracker());
    let plans = billing::Billing::new(
        billing::Config {
            usage: usage_metering::tables(&usage_metering::Config::default().plans)?,
            issuer: billing::Issuer { name: "Perpetuo Ltda".to_owned(), ..billing::Issuer::default() },
            payment_instructions: [("en".to_owned(), "Bank 1, account 2".to_owned())].into(),
            ..billing::Config::default()
        },
        billing::Deps {
            db: database(dir.path(), &billing::SCHEMA).await?,
            workspaces: workspaces.called_by(Role::Billing),
            usage: usage.called_by(Role::Billing),
            providers: vec![],
            letters: None,
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
        },
    )?;
    let billing = Billing::local(plans, tasks.tracker());
    workspace.follow_usage(usage.called_by(Role::Workspace), &tasks);
    workspace.follow_billing(billing.called_by(Role::Workspace), &tasks);
    ledger.follow(billing.called_by(Role::UsageMetering), &tasks);
    let models = gateway::Gateway::new(
        gateway::Config::default(),
        gateway::Deps {
            identity: identity.called_by(Role::Gateway),
            workspaces: workspaces.called_by(Role::Gateway),
            usage: usage.called_by(Role::Gateway),
            egress: egress::Client::new(guard, egress::Purpose::Provider),
            clock: clock.clone(),
            ids: ids.clone(),
            tasks: tasks.clone(),
            simulator_enabled: true,
            redis_url: None,
            spool_dir: None,
        },
    )
    .await?;
    let gateway = Gateway::local(models, tasks.tracker());
    let agents = agent_engine::AgentEngine::new(
        agent_engine::Config::default(),
        agent_engine::Deps {
            db: database(dir.path(), &agent_engine::SCHEMA).await?,
            gateway: gateway.called_by(Role::AgentEngine),
            clock,
            ids,
            tasks: tasks.clone(),
        },
    )
    .await?;
    let engine = AgentEngine::local(agents, tasks.tracker());
    Ok(Handles { identity, workspaces, usage, billing, gateway, engine, _behind: Arc::new(Behind::Here { _dir: dir }) })
}

async fn database(dir: &Path, schema: &Schema) -> anyhow::Result<Db> {
    let db = Db::open(&Backend::Sqlite { dir: dir.to_owned() }, schema)?;
    db.migrate().await?;
    Ok(db)
}
