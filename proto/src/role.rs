//! The roles that a process can run.

use std::{fmt, str::FromStr};

/// A part of Perpetuo that can run in a process of its own. Peers prove their role to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// HTTP for the outside world.
    Edge,
    /// People and credentials.
    Identity,
    /// Tenants, members, provider credentials.
    Workspace,
    /// Models and providers.
    Gateway,
    /// Admission and the ledger.
    UsageMetering,
    /// Plans and subscriptions.
    Billing,
    /// Executions: agents, conflicts, decisions.
    AgentEngine,
}

impl Role {
    /// All roles, callees before their callers: the order in which they start.
    pub const ALL: &'static [Self] = &[
        Self::Workspace,
        Self::Identity,
        Self::UsageMetering,
        Self::Billing,
        Self::Gateway,
        Self::AgentEngine,
        Self::Edge,
    ];

    /// The name used in `--role`, configuration, tokens and metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "edge",
            Self::Identity => "identity",
            Self::Workspace => "workspace",
            Self::Gateway => "gateway",
            Self::UsageMetering => "usage-metering",
            Self::Billing => "billing",
            Self::AgentEngine => "agent-engine",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.iter().copied().find(|r| r.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

/// No role has this name.
#[derive(Debug, thiserror::Error)]
#[error("unknown role {0:?}: the roles are edge, identity, workspace, gateway, usage-metering, billing, agent-engine")]
pub struct UnknownRole(String);
