//! Who operates the platform. Nobody is born one: the first is named on the host, by `perpetuo admin grant`.

use crate::{Permission, Scopes};

/// What somebody is to the platform as a whole. The greater one holds all that the lesser holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PlatformRole {
    /// Sees everything that operators see, and changes nothing.
    Developer,
    /// Sees and changes.
    Admin,
}

impl PlatformRole {
    /// Both, the lesser first.
    pub const ALL: [Self; 2] = [Self::Developer, Self::Admin];

    /// The name in tokens, tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Developer => "developer",
            Self::Admin => "admin",
        }
    }

    /// The role with this name. None for a name that this release does not know: a newer one may have written it.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// What the role may do, whatever the workspace.
    pub const fn scopes(self) -> Scopes {
        let reads = Scopes::NONE.with(Permission::PlatformRead);
        match self {
            Self::Developer => reads,
            Self::Admin => reads.with(Permission::PlatformWrite),
        }
    }
}

impl std::fmt::Display for PlatformRole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for PlatformRole {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text).ok_or("must be admin or developer")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_developer_reads_and_an_admin_may_all_that_a_developer_may() {
        let [developer, admin] = PlatformRole::ALL.map(PlatformRole::scopes);
        assert!(developer.contains(Permission::PlatformRead) && !developer.contains(Permission::PlatformWrite));
        assert_eq!(admin.intersection(developer), developer);
        assert!(admin.contains(Permission::PlatformWrite) && PlatformRole::Admin > PlatformRole::Developer);
    }

    #[test]
    fn what_operators_may_is_of_no_workspace() {
        assert_eq!(PlatformRole::Admin.scopes().of_workspaces(), Scopes::NONE);
        assert!(PlatformRole::ALL.iter().all(|role| role.scopes().is_operators()));
    }
}
