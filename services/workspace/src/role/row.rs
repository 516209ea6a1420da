//! `roles`, as members see them.

use super::Given;
use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{Scopes, time, workspace::WorkspaceRole};
use serde_json::json;
use store::{WorkspaceTx, sql};

store::row! {
    /// A role of the workspace's own.
    pub(super) struct RoleRow {
        pub(super) name: String,
        pub(super) description: String,
        /// A JSON array.
        pub(super) permissions: String,
        pub(super) created_at: DateTime<Utc>,
        pub(super) updated_at: DateTime<Utc>,
    }
}

impl RoleRow {
    pub(super) fn given(&self) -> Given {
        Given::of(self.name.clone(), Some(&self.permissions))
    }

    pub(super) fn to_proto(&self) -> WorkspaceRole {
        WorkspaceRole {
            name: self.name.clone(),
            description: self.description.clone(),
            permissions: permissions(&self.permissions).names(),
            built_in: false,
            created_at: Some(time::to_proto(self.created_at)),
            updated_at: Some(time::to_proto(self.updated_at)),
        }
    }
}

/// The permissions in the database. Written by us as such an array; one that nobody can read gives nothing.
pub(super) fn permissions(stored: &str) -> Scopes {
    let names: Vec<String> = serde_json::from_str(stored).unwrap_or_default();
    Scopes::parse(names.iter().map(String::as_str)).intersection(super::grantable())
}

/// As they are stored.
pub(super) fn stored(permissions: Scopes) -> String {
    json!(permissions.names()).to_string()
}

/// A role of the transaction's workspace's own, if there is one of this name.
pub(super) async fn find(tx: &mut WorkspaceTx, name: &str) -> Result<Option<RoleRow>, Error> {
    let values = [tx.workspace().into(), name.into()];
    Ok(tx.fetch_optional(sql!("role/get"), &values).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proto::Permission;

    #[test]
    fn what_is_stored_is_read_again_and_what_is_not_of_roles_is_left_out() {
        let two = Scopes::NONE.with(Permission::AuditRead).with(Permission::UsageRead);
        assert_eq!(permissions(&stored(two)), two);
        let more = r#"["audit.read","usage.read","workspace.own","account","platform.write","of.a.newer.release"]"#;
        assert_eq!(permissions(more), two);
        for none in ["", "[]", "{}", "audit.read", r#"{"audit.read":true}"#] {
            assert_eq!(permissions(none), Scopes::NONE, "{none:?}");
        }
    }
}
