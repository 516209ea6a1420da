//! The services that run in this process; `None` for those that do not.

use super::Base;
use crate::settings::follow_database_url;
use anyhow::Context as _;
use egress::{Client, Purpose};
use mail::Mailer;
use proto::Role;
use proto::gateway::Gateway;
use proto::identity::Identity;
use proto::usage::Usage;
use proto::workspace::Workspaces;
use store::seal::MasterKey;
use store::{Db, Schema};
use workspace::Sealed;

/// Tenants, members, provider credentials.
pub fn workspace(base: &Base) -> anyhow::Result<Option<workspace::Workspace>> {
    if !base.roles.has(Role::Workspace) {
        return Ok(None);
    }
    let (db, master) = (database(base, &workspace::SCHEMA)?, master(base)?);
    let (probed, key) = (db.clone(), master.clone());
    base.readiness.check("workspace database", move || {
        let (db, key) = (probed.clone(), key.clone());
        async move {
            match workspace::sealed_under(&db, Some(&key)).await {
                Ok(Sealed::Locked) => Err("the master key does not open the data".to_owned()),
                Ok(Sealed::Nothing | Sealed::Opens) => Ok(()),
                Err(_) => Err("the database does not answer".to_owned()),
            }
        }
    });
    let default_plan = base.settings.billing.default_plan.clone();
    let config = workspace::Config { default_plan, ..base.settings.workspace.clone() };
    let deps = workspace::Deps {
        db,
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks(Role::Workspace).clone(),
        master,
        guard: base.guard.clone(),
        letters: mailer(base)?.map(|mailer| workspace::Letters { mailer, link_base: base.settings.link_base() }),
    };
    Ok(Some(workspace::Workspace::new(config, deps)))
}

/// People and credentials.
pub fn identity(base: &Base, workspaces: &Workspaces) -> anyhow::Result<Option<identity::Identity>> {
    if !base.roles.has(Role::Identity) {
        return Ok(None);
    }
    let tasks = base.tasks(Role::Identity);
    let has_address = base.settings.edge.public_url.is_some() || base.settings.is_private(&base.roles);
    anyhow::ensure!(
        base.settings.identity.oidc.is_empty() || has_address,
        "identity.oidc needs edge.public_url: providers send people back to <edge.public_url>/api/v1/auth/oauth/<name>/callback"
    );
    let deps = identity::Deps {
        db: database(base, &identity::SCHEMA)?,
        workspaces: workspaces.called_by(Role::Identity),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: tasks.clone(),
        letters: mailer(base)?.map(|mailer| identity::Letters { mailer, link_base: base.settings.link_base() }),
        guard: base.guard.clone(),
        dns: egress::Dns::new(&base.settings.egress.dns_servers),
        api_base: base.settings.api_base(),
        master: master(base)?,
        redis_url: base.settings.redis.url.clone(),
        is_private: base.roles.is_all() && base.settings.is_private(&base.roles),
    };
    let operators_need_mfa = Some(base.settings.operators_need_mfa(&base.roles));
    let config = identity::Config { operators_need_mfa, ..base.settings.identity.clone() };
    let service = identity::Identity::new(config, deps)?;
    service.start(tasks);
    service.follow(tasks);
    let probed = service.clone();
    base.readiness.check("identity database", move || {
        let service = probed.clone();
        async move {
            service.check().await.map_err(|_| "the database does not answer, or the master key is wrong".to_owned())
        }
    });
    Ok(Some(service))
}

/// How letters leave: through the server of the settings, or into a folder of the one who runs it all on one machine.
fn mailer(base: &Base) -> anyhow::Result<Option<Mailer>> {
    let (settings, config) = (&base.settings, &base.settings.mail);
    Ok(match Mailer::smtp(config)? {
        None if settings.is_embedded(&base.roles) => Some(Mailer::folder(config, settings.data_dir.join("mail"))?),
        smtp => smtp,
    })
}

/// Admission and the ledger.
pub async fn usage(
    base: &Base,
    identity: &Identity,
    workspaces: &Workspaces,
) -> anyhow::Result<Option<usage_metering::Usage>> {
    if !base.roles.has(Role::UsageMetering) {
        return Ok(None);
    }
    let db = database(base, &usage_metering::SCHEMA)?;
    let probed = db.clone();
    base.readiness.check("usage-metering database", move || {
        let db = probed.clone();
        async move { db.ping().await.map_err(|_| "the database does not answer".to_owned()) }
    });
    let default_plan = base.settings.billing.default_plan.clone();
    let config = usage_metering::Config { default_plan, ..base.settings.usage.clone() };
    let deps = usage_metering::Deps {
        data_dir: db.is_sqlite().then(|| base.settings.data_dir.clone()),
        db,
        redis_url: base.settings.redis.url.clone(),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        master: master(base)?,
        guard: base.guard.clone(),
        peers: Some(usage_metering::Peers {
            identity: identity.called_by(Role::UsageMetering),
            workspaces: workspaces.called_by(Role::UsageMetering),
        }),
        letters: mailer(base)?.map(|mailer| usage_metering::Letters { mailer, link_base: base.settings.api_base() }),
        tasks: base.tasks(Role::UsageMetering).clone(),
    };
    let service = usage_metering::Usage::new(config, deps).await;
    Ok(Some(service.context("the ledger cannot be opened")?))
}

/// Plans, and who is on which.
pub fn billing(
    base: &Base,
    workspaces: &Workspaces,
    usage: Option<&Usage>,
) -> anyhow::Result<Option<billing::Billing>> {
    let Some(usage) = usage.filter(|_| base.roles.has(Role::Billing)) else { return Ok(None) };
    let of_settings = usage_metering::tables(&base.settings.usage.plans)?;
    let config = billing::Config { usage: of_settings, ..base.settings.billing.clone() };
    let deps = billing::Deps {
        db: database(base, &billing::SCHEMA)?,
        workspaces: workspaces.called_by(Role::Billing),
        usage: usage.called_by(Role::Billing),
        providers: billing::payment::providers(&base.settings.billing, &base.guard, &base.clock)?,
        letters: mailer(base)?,
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks(Role::Billing).clone(),
    };
    let service = billing::Billing::new(config, deps)?;
    service.follow(base.tasks(Role::Billing));
    let probed = service.clone();
    base.readiness.check("billing database", move || {
        let service = probed.clone();
        async move { service.check().await.map_err(str::to_owned) }
    });
    Ok(Some(service))
}

/// Models and providers.
pub async fn gateway(
    base: &Base,
    identity: &Identity,
    workspaces: &Workspaces,
    usage: Option<&Usage>,
) -> anyhow::Result<Option<gateway::Gateway>> {
    let Some(usage) = usage.filter(|_| base.roles.has(Role::Gateway)) else { return Ok(None) };
    let spool_dir = base.settings.spool_dir(&base.roles);
    if spool_dir.is_none() && !base.settings.is_embedded(&base.roles) {
        tracing::warn!(
            "settlements are kept in memory only until the ledger has them, so a gateway that is killed leaves rows that \
             are estimated: set gateway.spool_dir to a folder that outlives the process"
        );
    }
    let deps = gateway::Deps {
        identity: identity.called_by(Role::Gateway),
        workspaces: workspaces.called_by(Role::Gateway),
        usage: usage.called_by(Role::Gateway),
        egress: Client::new(base.guard.clone(), Purpose::Provider),
        redis_url: base.settings.redis.url.clone(),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks(Role::Gateway).clone(),
        simulator_enabled: base.settings.simulator(&base.roles),
        spool_dir,
    };
    Ok(Some(gateway::Gateway::new(base.settings.gateway.clone(), deps).await?))
}

/// Executions.
pub async fn engine(base: &Base, gateway: Option<&Gateway>) -> anyhow::Result<Option<agent_engine::AgentEngine>> {
    let Some(gateway) = gateway.filter(|_| base.roles.has(Role::AgentEngine)) else { return Ok(None) };
    let deps = agent_engine::Deps {
        db: database(base, &agent_engine::SCHEMA)?,
        gateway: gateway.called_by(Role::AgentEngine),
        clock: base.clock.clone(),
        ids: base.ids.clone(),
        tasks: base.tasks(Role::AgentEngine).clone(),
    };
    let service = agent_engine::AgentEngine::new(base.settings.agent_engine.clone(), deps).await?;
    let probed = service.clone();
    base.readiness.check("agent-engine database", move || {
        let service = probed.clone();
        async move { service.check().await.map_err(str::to_owned) }
    });
    Ok(Some(service))
}

fn database(base: &Base, schema: &Schema) -> anyhow::Result<Db> {
    let db = crate::tables::open(&base.settings, schema)?;
    super::pools::watch(&db);
    follow_database_url(&base.settings.database, &db, &base.stages.usage);
    Ok(db)
}

fn master(base: &Base) -> anyhow::Result<MasterKey> {
    base.master.clone().context("the master key is missing")
}
