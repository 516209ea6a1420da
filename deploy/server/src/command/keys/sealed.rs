//! What has the master key sealed, and which of the keys was it?

use proto::Role;
use store::seal::MasterKey;
use store::seal::rotate::Column;
use store::{Db, Error};

/// Values that depend on each key of a ring.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// By each key, in the order of the ring.
    pub by: Vec<u64>,
    /// By keys that are not there, and where.
    pub by_others: u64,
    /// Columns with such values.
    pub others_in: Vec<String>,
}

/// The columns of a role that the master key seals.
pub const fn columns(role: Role) -> &'static [Column] {
    match role {
        Role::Identity => &identity::SEALED,
        Role::Workspace => &workspace::SEALED,
        Role::UsageMetering => &usage_metering::SEALED,
        Role::Billing | Role::Gateway | Role::AgentEngine | Role::Edge => &[],
    }
}

/// Counts what depends on each key in the tables of a role.
///
/// # Errors
/// If the database cannot be used.
pub async fn count(db: &Db, role: Role, ring: &MasterKey) -> Result<Count, Error> {
    let mut all = Count { by: ring.each().map(|_| 0).collect(), ..Count::default() };
    for column in columns(role) {
        let sealed = column.count(db, ring).await?;
        all.by.iter_mut().zip(sealed.by).for_each(|(sum, more)| *sum += more);
        all.by_others += sealed.by_others;
        if sealed.by_others > 0 {
            all.others_in.push(format!("{}.{}", db_name(role), column.label()));
        }
    }
    Ok(all)
}

const fn db_name(role: Role) -> &'static str {
    match role {
        Role::UsageMetering => usage_metering::SCHEMA.name,
        Role::Identity => identity::SCHEMA.name,
        _ => workspace::SCHEMA.name,
    }
}
