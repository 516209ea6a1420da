//! An operator of the platform who acts for somebody (RFC 8693: the `act` claim): what they may do, and never may.
//!
//! They read what the person may read in one workspace. With leave to write they change what repairs it, can be changed back, and
//! is in its trail. Whatever makes or shows a credential, changes the account, opens it or the workspace to somebody else, cannot
//! be undone, or costs money, they never do.

use crate::{Failure, Permission, Reason, Scopes, id::UserId};

/// Somebody who acts for the person whose call it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Impersonation {
    /// Who.
    pub operator: UserId,
    /// Whether they may change anything.
    pub may_write: bool,
}

/// What an rpc is for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It changes nothing, so they may call it.
    Reads,
    /// They may call it if they may write.
    Writes,
    /// They may not, though it may change nothing.
    Never,
    /// It asks for no permission: it is everybody's, or a peer's that has decided before.
    Others,
}

impl Impersonation {
    /// Goes on if what is of this class is theirs. Errors: `IMPERSONATION_READ_ONLY`, `IMPERSONATION_FORBIDDEN`.
    pub(crate) fn admits(self, class: Class) -> Result<(), Failure> {
        match class {
            Class::Reads | Class::Others => Ok(()),
            Class::Writes if self.may_write => Ok(()),
            Class::Writes => Err(read_only()),
            Class::Never => Err(forbidden("an operator who acts for somebody may not do this")),
        }
    }

    /// What is left of a person's permissions. Rpcs decide by themselves; this holds where only a permission is asked for.
    #[must_use]
    pub fn limit(self, scopes: Scopes) -> Scopes {
        scopes.iter().filter(|&permission| self.admits(class_of(permission)).is_ok()).collect()
    }

    /// Why a permission that is missing is: `PERMISSION_DENIED` if the person does not have it either.
    pub(crate) fn lacks(self, permission: Permission) -> Option<Failure> {
        self.admits(class_of(permission)).err()
    }
}

/// The failure of whoever acts for somebody in one workspace, and asks for another.
pub fn elsewhere() -> Failure {
    forbidden("an operator who acts for somebody stays in the workspace for which they began")
}

fn read_only() -> Failure {
    Reason::ImpersonationReadOnly.with("an operator who acts for somebody only reads, unless they began with write")
}

/// The failure of whoever acts for somebody, and asks for what is never theirs.
pub fn forbidden(why: &str) -> Failure {
    Reason::ImpersonationForbidden.with(why)
}

/// The least that must hold for whoever uses a permission. A new one has to be thought about here.
const fn class_of(permission: Permission) -> Class {
    match permission {
        Permission::Account
        | Permission::Inference
        | Permission::WorkspaceRead
        | Permission::MembersRead
        | Permission::ProvidersRead
        | Permission::KeysRead
        | Permission::LogsRead
        | Permission::UsageRead
        | Permission::ExportsRead
        | Permission::BillingRead
        | Permission::ExecutionsRead
        | Permission::AuditRead
        | Permission::WebhooksRead => Class::Reads,
        Permission::WorkspaceWrite => Class::Writes,
        Permission::MembersWrite
        | Permission::WorkspaceOwn
        | Permission::ProvidersWrite
        | Permission::KeysWrite
        | Permission::BillingWrite
        | Permission::ExecutionsWrite
        | Permission::UsageWrite
        | Permission::ExportsWrite
        | Permission::WebhooksWrite
        | Permission::PlatformRead
        | Permission::PlatformWrite => Class::Never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{rpc::Auth, rpcs};
    use uuid::Uuid;

    fn acting(may_write: bool) -> Impersonation {
        Impersonation { operator: UserId::from_uuid(Uuid::from_u128(1)), may_write }
    }

    #[test]
    fn who_only_reads_is_told_what_is_missing_and_what_never_is_theirs() {
        let reason = |may_write, class| acting(may_write).admits(class).map_err(|failure| failure.reason);
        for may_write in [false, true] {
            assert_eq!(reason(may_write, Class::Reads), Ok(()));
            assert_eq!(reason(may_write, Class::Others), Ok(()));
            assert_eq!(reason(may_write, Class::Never), Err(Reason::ImpersonationForbidden));
        }
        assert_eq!(reason(false, Class::Writes), Err(Reason::ImpersonationReadOnly));
        assert_eq!(reason(true, Class::Writes), Ok(()));
    }

    #[test]
    fn no_rpc_lets_through_what_its_permission_does_not() {
        for rpc in rpcs() {
            let Auth::Permission(permission) = rpc.auth else {
                assert_eq!(rpc.impersonated, Class::Others, "{}", rpc.method);
                continue;
            };
            let least = class_of(permission);
            match rpc.impersonated {
                Class::Reads => assert!(rpc.no_side_effects && least == Class::Reads, "{}", rpc.method),
                Class::Writes => assert!(!rpc.no_side_effects && least == Class::Writes, "{}", rpc.method),
                // What tells of all workspaces of the person changes nothing, and is theirs alone.
                Class::Never => assert!(
                    !rpc.no_side_effects || least == Class::Never || permission == Permission::Account,
                    "{}",
                    rpc.method
                ),
                Class::Others => panic!("{} asks for a permission", rpc.method),
            }
        }
    }

    #[test]
    fn what_is_left_of_all_permissions_holds_no_keys_no_members_and_no_money() {
        let all: Scopes = Permission::ALL.iter().copied().collect();
        let (reads, writes) = (acting(false).limit(all), acting(true).limit(all));
        assert!(reads.iter().all(|permission| class_of(permission) == Class::Reads), "{reads:?}");
        let more: Vec<_> = writes.iter().filter(|permission| !reads.contains(*permission)).collect();
        assert_eq!(more, [Permission::WorkspaceWrite]);
        assert!(!writes.is_operators());
    }
}
