//! What a person is and may do in a workspace.

use super::roles;
use crate::{Workspace, error::Error, role::Given};
use proto::{
    id::{UserId, WorkspaceId},
    workspace::{ResolveMemberRequest, ResolveMemberResponse},
};
use store::{Tx, WorkspaceTx, sql};

store::row! {
    struct RoleRow {
        role: String,
    }
}

store::row! {
    struct StandingRow {
        role: String,
        /// Of a role of the workspace's own.
        permissions: Option<String>,
        /// The workspace was deleted.
        is_closed: bool,
    }
}

/// Their role and its permissions. Errors: `NOT_FOUND` where they are no member, and for ids that are none.
pub(crate) async fn resolve(
    service: &Workspace,
    request: ResolveMemberRequest,
) -> Result<ResolveMemberResponse, Error> {
    let id: WorkspaceId = request.workspace_id.parse().map_err(|_| Error::NotFound("workspace"))?;
    let person: UserId = request.user_id.parse().map_err(|_| Error::NotFound("member"))?;
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let found: Option<StandingRow> = tx.fetch_optional(sql!("member/standing"), &[id.into(), person.into()]).await?;
    let StandingRow { role, permissions, is_closed } = found.ok_or(Error::NotFound("member"))?;
    let Given { name, permissions } = Given::of(role, permissions.as_deref());
    let permissions = if is_closed { roles::of_closed(permissions) } else { permissions };
    Ok(ResolveMemberResponse { role: name, permissions: permissions.names() })
}

/// The role of a person and all that it may do where the workspace is open, if they are a member.
pub(super) async fn given(tx: &mut WorkspaceTx, person: UserId) -> Result<Option<Given>, Error> {
    let values = [tx.workspace().into(), person.into()];
    let found: Option<StandingRow> = tx.fetch_optional(sql!("member/standing"), &values).await?;
    Ok(found.map(|row| Given::of(row.role, row.permissions.as_deref())))
}

/// The role of a person, if they are a member.
pub(crate) async fn role(tx: &mut Tx, id: WorkspaceId, person: UserId) -> Result<Option<String>, Error> {
    let values = [id.into(), person.uuid().into()];
    let row: Option<RoleRow> = tx.fetch_optional(sql!("member/role"), &values).await?;
    Ok(row.map(|r| r.role))
}
