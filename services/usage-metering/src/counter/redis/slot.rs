//! Which keys belong together?
//!
//! All keys of a slot share a hash tag, so that one script may touch them all, on a cluster too.

use crate::{
    grant::GrantKey,
    limit::{Kind, Limit, Owner},
};
use proto::id::WorkspaceId;
use uuid::Uuid;

/// What is counted together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Slot {
    /// All layers of a workspace.
    Tenant(Uuid),
    Address(String),
    Platform,
    /// By what its keys begin with.
    Named(String),
}

impl Slot {
    pub fn of(workspace: Uuid, limit: &Limit) -> Self {
        match limit.owner {
            Owner::Platform => Self::Platform,
            Owner::Address => Self::Address(limit.id.clone()),
            _ => Self::Tenant(workspace),
        }
    }

    /// What all its keys begin with.
    pub fn prefix(&self) -> String {
        match self {
            Self::Tenant(workspace) => format!("perpetuo:{{{}}}", WorkspaceId::from_uuid(*workspace)),
            // Braces would end the tag.
            Self::Address(address) => format!("perpetuo:{{address {}}}", address.replace(['{', '}'], "_")),
            Self::Platform => "perpetuo:{platform}".to_owned(),
            Self::Named(prefix) => prefix.clone(),
        }
    }

    /// The key that says whether the slot is open.
    pub fn state(&self) -> String {
        format!("{}:epoch", self.prefix())
    }

    /// The key that says since when the slot is closed, where it is opened again from the tables.
    pub fn closed(&self) -> String {
        format!("{}:closed", self.prefix())
    }

    /// The key of what processes hold of its counters.
    pub fn leases(&self) -> String {
        format!("{}:leases", self.prefix())
    }

    /// The key of the number of the last call that said what a process holds.
    pub fn last_lease(&self, holder: &str) -> String {
        format!("{}:leased:{holder}", self.prefix())
    }

    /// The keys of a grant: the slot's state, the grant's mark, what processes hold, and a counter per limit.
    pub fn keys(&self, key: &GrantKey, limits: &[&Limit]) -> Vec<String> {
        let prefix = self.prefix();
        let mut keys = vec![self.state(), format!("{prefix}:held:{}", key.grant_id()), self.leases()];
        keys.extend(limits.iter().map(|limit| format!("{prefix}:{}", counter(limit))));
        keys
    }
}

/// The key of a counter, behind the prefix.
pub(super) fn counter(limit: &Limit) -> String {
    format!("limit:{}", limit.name())
}

/// Limits by slot, with their indices: platform and addresses first, because most refusals of many are there.
pub(super) fn by_slot(workspace: Uuid, limits: &[Limit]) -> Vec<(Slot, Vec<usize>)> {
    let mut slots: Vec<(Slot, Vec<usize>)> = vec![];
    for (index, limit) in limits.iter().enumerate() {
        let slot = Slot::of(workspace, limit);
        match slots.iter_mut().find(|(known, _)| *known == slot) {
            Some((_, indices)) => indices.push(index),
            None => slots.push((slot, vec![index])),
        }
    }
    slots.sort_by_key(|(slot, _)| matches!(slot, Slot::Tenant(_)));
    slots
}

pub(super) const fn letter(kind: &Kind) -> &'static str {
    match kind {
        Kind::Requests => "r",
        Kind::Tokens => "t",
        Kind::Concurrency => "c",
        Kind::Quota(_) => "q",
    }
}
