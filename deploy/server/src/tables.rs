//! Which tables does this process own?

use crate::roles::Roles;
use crate::settings::Settings;
use anyhow::{Context as _, bail};
use proto::Role;
use store::{Db, Error, Schema};

/// The schema of each role that keeps tables.
pub fn of(roles: &Roles) -> Vec<(Role, Schema)> {
    roles.iter().filter_map(|role| Some((role, schema(role)?))).collect()
}

/// The tables of a role. Connects at the first use.
///
/// # Errors
/// For a database URL that cannot be read.
pub fn open(settings: &Settings, schema: &Schema) -> Result<Db, Error> {
    Db::open(&settings.backend(), schema)
}

/// The tables of a role for a command that works on what is there: it makes none and changes none.
///
/// # Errors
/// One sentence where there are none yet, or those of another release.
pub async fn up_to_date(settings: &Settings, schema: &Schema) -> anyhow::Result<Db> {
    let name = schema.name;
    // Opening a file that is not there would make one, which the first start would take for data that has lost its keys.
    if settings.database.url.is_none() && !settings.data_dir.join(format!("{name}.db")).exists() {
        bail!("there are no records of {name} in {} yet: start perpetuo once", settings.data_dir.display());
    }
    let db = open(settings, schema)?;
    let pending = db.pending().await.with_context(|| format!("the tables of {name} cannot be read"))?;
    if !pending.is_empty() {
        bail!("the tables of {name} are not up to date: run `perpetuo migrate` first, or start perpetuo once");
    }
    Ok(db)
}

const fn schema(role: Role) -> Option<Schema> {
    match role {
        Role::Workspace => Some(workspace::SCHEMA),
        Role::Identity => Some(identity::SCHEMA),
        Role::UsageMetering => Some(usage_metering::SCHEMA),
        Role::Billing => Some(billing::SCHEMA),
        Role::AgentEngine => Some(agent_engine::SCHEMA),
        Role::Gateway | Role::Edge => None,
    }
}
