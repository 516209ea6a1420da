//! The roles that every workspace has, as a table of permissions. Those that it makes for itself: `role.rs`.
//!
//! `account` and `platform.*` are in no role: they are of people and of operators, and the door adds them.

use proto::{
    Permission::{
        self, AuditRead, BillingRead, BillingWrite, ExecutionsRead, ExecutionsWrite, ExportsRead, ExportsWrite,
        Inference, KeysRead, KeysWrite, LogsRead, MembersRead, MembersWrite, ProvidersRead, ProvidersWrite, UsageRead,
        UsageWrite, WebhooksRead, WebhooksWrite, WorkspaceOwn, WorkspaceRead, WorkspaceWrite,
    },
    Scopes,
};

/// What a member is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Owner,
    Admin,
    Member,
    Viewer,
}

const YES: bool = true;
const NOT: bool = false;

/// Which role holds which permission: owner, admin, member, viewer.
const TABLE: &[(Permission, [bool; 4])] = &[
    (Inference, [YES, YES, YES, NOT]),
    (WorkspaceRead, [YES, YES, YES, YES]),
    (WorkspaceWrite, [YES, YES, NOT, NOT]),
    // What an admin may not: else a workspace could be taken from its owners.
    (WorkspaceOwn, [YES, NOT, NOT, NOT]),
    (MembersRead, [YES, YES, YES, YES]),
    (MembersWrite, [YES, YES, NOT, NOT]),
    (ProvidersRead, [YES, YES, YES, YES]),
    (ProvidersWrite, [YES, YES, NOT, NOT]),
    (KeysRead, [YES, YES, YES, YES]),
    // A member's keys can do no more than the member: identity refuses scopes that their creator lacks.
    (KeysWrite, [YES, YES, YES, NOT]),
    (LogsRead, [YES, YES, YES, YES]),
    (UsageRead, [YES, YES, YES, YES]),
    (ExportsRead, [YES, YES, YES, YES]),
    (ExportsWrite, [YES, YES, NOT, NOT]),
    (ExecutionsRead, [YES, YES, YES, YES]),
    // Who may call models may have them called.
    (ExecutionsWrite, [YES, YES, YES, NOT]),
    // What is paid is the business of those who answer for the workspace; what is allowed is everybody's.
    (BillingRead, [YES, YES, YES, YES]),
    (BillingWrite, [YES, YES, NOT, NOT]),
    // Who did what is the business of those who answer for the workspace.
    (AuditRead, [YES, YES, NOT, NOT]),
    (UsageWrite, [YES, YES, NOT, NOT]),
    // What is sent says who did what.
    (WebhooksRead, [YES, YES, NOT, NOT]),
    (WebhooksWrite, [YES, YES, NOT, NOT]),
];

impl Role {
    pub(crate) const ALL: [Self; 4] = [Self::Owner, Self::Admin, Self::Member, Self::Viewer];

    /// The name in the database and in answers.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Member => "member",
            Self::Viewer => "viewer",
        }
    }

    /// The one of this name, if it is one that every workspace has.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// What it is for, in a sentence.
    pub(crate) const fn says(self) -> &'static str {
        match self {
            Self::Owner => "May do everything, and give the workspace away",
            Self::Admin => "May do everything but give the workspace away or delete it",
            Self::Member => "May call models, begin executions and make keys, and look at the rest",
            Self::Viewer => "May look, and change and spend nothing",
        }
    }

    /// What this role may do.
    pub(crate) fn permissions(self) -> Scopes {
        TABLE.iter().filter(|(_, holds)| holds[self as usize]).map(|(permission, _)| *permission).collect()
    }
}

/// What is left of permissions where a workspace was deleted: to look, to take one's data along, to pay what is owed, and, for
/// owners, to restore it.
pub(crate) fn of_closed(permissions: Scopes) -> Scopes {
    let stays = |permission: &Permission| {
        permission.as_str().ends_with(".read") || matches!(permission, WorkspaceOwn | BillingWrite)
    };
    permissions.iter().filter(stays).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::role::Given;

    #[test]
    fn every_permission_of_workspaces_has_one_row_and_no_other_has_one() {
        for &permission in Permission::ALL {
            let rows = TABLE.iter().filter(|(p, _)| *p == permission).count();
            assert_eq!(rows, usize::from(permission.is_of_workspaces()), "{permission:?}");
        }
    }

    #[test]
    fn owners_may_do_everything_in_a_workspace_and_admins_all_but_give_it_away() {
        let everything: Scopes = Permission::ALL.iter().copied().filter(|p| p.is_of_workspaces()).collect();
        assert_eq!(Role::Owner.permissions(), everything);
        assert_eq!(Role::Admin.permissions().with(WorkspaceOwn), everything);
        assert!(!Role::Admin.permissions().contains(WorkspaceOwn));
    }

    #[test]
    fn a_viewer_changes_nothing_and_spends_nothing() {
        for permission in Role::Viewer.permissions().iter() {
            assert!(permission.as_str().ends_with(".read"), "{permission:?}");
        }
    }

    #[test]
    fn a_member_is_a_viewer_who_may_call_models_begin_executions_and_make_keys() {
        let member = Role::Member.permissions();
        assert_eq!(member, Role::Viewer.permissions().with(Inference).with(ExecutionsWrite).with(KeysWrite));
    }

    #[test]
    fn a_role_that_nobody_knows_may_do_nothing() {
        for role in ["", "root", "Owner", "owner "] {
            assert_eq!(Given::of(role.to_owned(), None).permissions, Scopes::NONE, "{role:?}");
        }
    }
}
