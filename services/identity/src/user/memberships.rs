//! In which workspaces is somebody? Asked of the workspace service each time: roles change there.

use crate::{Error, Parts};
use proto::{
    Call,
    id::{UserId, WorkspaceId},
    identity as pb, workspace,
};

/// Every workspace of a person, oldest first.
pub(crate) async fn of(parts: &Parts, call: &Call, user: UserId) -> Result<Vec<pb::Membership>, Error> {
    let request = workspace::ListMembershipsRequest { user_id: user.to_string() };
    let answer = parts.workspaces.list_memberships(call, request).await.map_err(Error::workspaces)?;
    let ours = |m: workspace::Membership| pb::Membership { workspace_id: m.workspace_id, name: m.name, role: m.role };
    Ok(answer.memberships.into_iter().map(ours).collect())
}

/// The workspace of a session: the one it had, else the oldest that the person owns, else the oldest.
pub(crate) fn choose(all: &[pb::Membership], had: Option<WorkspaceId>) -> Option<pb::Membership> {
    let had = had.map(|id| id.to_string());
    let same = all.iter().find(|m| Some(&m.workspace_id) == had.as_ref());
    same.or_else(|| all.iter().find(|m| m.role == "owner")).or_else(|| all.first()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn member(n: u128, role: &str) -> pb::Membership {
        let id = WorkspaceId::from_uuid(Uuid::from_u128(n));
        pb::Membership { workspace_id: id.to_string(), name: n.to_string(), role: role.to_owned() }
    }

    #[test]
    fn a_session_keeps_its_workspace_while_the_person_is_a_member() {
        let all = [member(1, "viewer"), member(2, "owner"), member(3, "admin")];
        let name =
            |had: Option<u128>| choose(&all, had.map(|n| WorkspaceId::from_uuid(Uuid::from_u128(n)))).map(|m| m.name);
        assert_eq!(name(Some(3)).as_deref(), Some("3"));
        assert_eq!(name(Some(9)).as_deref(), Some("2"), "no longer a member: their own");
        assert_eq!(name(None).as_deref(), Some("2"));
        assert_eq!(choose(&all[..1], None).map(|m| m.name).as_deref(), Some("1"));
        assert_eq!(choose(&[], None), None);
    }
}
