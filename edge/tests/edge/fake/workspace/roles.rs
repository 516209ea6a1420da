//! What the workspace service says of roles.

use crate::fake::{ROLE, at};
use proto::{Reason, workspace::*};
use tonic::Status;

pub fn auditor() -> Option<WorkspaceRole> {
    Some(WorkspaceRole {
        name: ROLE.into(),
        description: "reads the books".into(),
        permissions: vec!["usage.read".into(), "audit.read".into()],
        built_in: false,
        created_at: at(1_790_000_000),
        updated_at: at(1_790_000_000),
    })
}

fn viewer() -> WorkspaceRole {
    let permissions = vec!["workspace.read".into()];
    let description = "May look".into();
    WorkspaceRole {
        name: "viewer".into(),
        description,
        permissions,
        built_in: true,
        created_at: None,
        updated_at: None,
    }
}

pub fn all() -> ListRolesResponse {
    ListRolesResponse { roles: std::iter::once(viewer()).chain(auditor()).collect() }
}

/// Errors: `NOT_FOUND` for any other.
pub fn found(name: &str) -> Result<Option<WorkspaceRole>, Status> {
    if name == ROLE { Ok(auditor()) } else { Err(Reason::NotFound.with("there is no such role").into()) }
}

/// Errors: as for [`found`]; `CONFLICT` for `used`.
pub fn deleted(name: &str) -> Result<DeleteRoleResponse, Status> {
    if name == "used" {
        return Err(Reason::Conflict.with("somebody has it").fact("members", 2).fact("invitations", 1).into());
    }
    found(name).map(|_| DeleteRoleResponse {})
}
