//! Which tables does this process own?

use crate::roles::Roles;
use crate::settings::Settings;
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

const fn schema(role: Role) -> Option<Schema> {
    match role {
        Role::Workspace => Some(workspace::SCHEMA),
        Role::Identity => Some(identity::SCHEMA),
        Role::UsageMetering => Some(usage_metering::SCHEMA),
        Role::Gateway | Role::Edge => None,
    }
}
