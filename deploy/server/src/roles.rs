//! Which roles does this process run?

use proto::Role;
use std::fmt;
use std::str::FromStr;

/// The roles of a process, without repetition, callees before their callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles(Vec<Role>);

impl Roles {
    /// Whether the process runs `role`.
    pub fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether the process runs everything.
    pub fn is_all(&self) -> bool {
        self.0.len() == Role::ALL.len()
    }

    /// Whether one of the roles keeps tables.
    pub fn has_tables(&self) -> bool {
        self.0.iter().any(|role| keeps_tables(*role))
    }

    /// Whether one of the roles opens or makes sealed values, and so needs the master key.
    pub fn has_sealed_values(&self) -> bool {
        self.has(Role::Identity) || self.has(Role::Workspace) || self.has(Role::UsageMetering)
    }

    /// Whether one of the roles is served over gRPC.
    pub fn has_grpc(&self) -> bool {
        self.0.iter().any(|role| *role != Role::Edge)
    }

    /// Each role.
    pub fn iter(&self) -> impl Iterator<Item = Role> + '_ {
        self.0.iter().copied()
    }

    /// The roles elsewhere that the roles here call.
    pub fn calls(&self) -> Vec<Role> {
        let called: Vec<Role> = self.iter().flat_map(callees).copied().collect();
        Role::ALL.iter().copied().filter(|role| called.contains(role) && !self.has(*role)).collect()
    }

    /// Each role.
    pub fn as_slice(&self) -> &[Role] {
        &self.0
    }
}

/// Whether the role owns tables.
pub const fn keeps_tables(role: Role) -> bool {
    match role {
        Role::Workspace | Role::Identity | Role::UsageMetering | Role::Billing | Role::AgentEngine => true,
        Role::Gateway | Role::Edge => false,
    }
}

/// Which roles a role calls. Every process that serves gRPC also asks identity and workspace who its callers are.
const fn callees(role: Role) -> &'static [Role] {
    match role {
        Role::Workspace => &[Role::Identity, Role::UsageMetering, Role::Billing],
        Role::Identity => &[Role::Workspace],
        Role::UsageMetering => &[Role::Identity, Role::Workspace, Role::Billing],
        Role::Billing => &[Role::Identity, Role::Workspace, Role::UsageMetering],
        Role::Gateway => &[Role::Identity, Role::Workspace, Role::UsageMetering],
        Role::AgentEngine => &[Role::Identity, Role::Workspace, Role::Gateway],
        Role::Edge => {
            &[Role::Identity, Role::Workspace, Role::UsageMetering, Role::Billing, Role::Gateway, Role::AgentEngine]
        }
    }
}

impl Default for Roles {
    fn default() -> Self {
        Self(Role::ALL.to_vec())
    }
}

impl FromStr for Roles {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "all" {
            return Ok(Self::default());
        }
        let named: Result<Vec<Role>, _> = text.split(',').map(|name| name.trim().parse::<Role>()).collect();
        let named = named.map_err(|unknown| unknown.to_string())?;
        Ok(Self(Role::ALL.iter().copied().filter(|role| named.contains(role)).collect()))
    }
}

impl fmt::Display for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_all() {
            return f.write_str("all");
        }
        let names: Vec<_> = self.0.iter().map(|role| role.as_str()).collect();
        f.write_str(&names.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_read_in_any_order_and_started_callees_first() {
        let roles: Roles = "edge, identity,edge".parse().unwrap();
        assert_eq!(roles.as_slice(), [Role::Identity, Role::Edge]);
        assert_eq!(roles.to_string(), "identity,edge");
    }

    #[test]
    fn all_roles_are_the_default_and_have_a_name() {
        assert_eq!("all".parse(), Ok(Roles::default()));
        assert_eq!(Roles::default().to_string(), "all");
        assert_eq!("workspace,identity,usage-metering,billing,gateway,agent-engine,edge".parse(), Ok(Roles::default()));
    }
}
