//! What a person is and may do in a workspace.

use super::roles;
use crate::{Workspace, error::Error};
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
    let StandingRow { role, is_closed } = found.ok_or(Error::NotFound("member"))?;
    let permissions = roles::permissions_of(&role);
    let permissions = if is_closed { roles::of_closed(permissions) } else { permissions };
    Ok(ResolveMemberResponse { role, permissions: permissions.names() })
}

/// The role of a person, if they are a member.
pub(crate) async fn role(tx: &mut Tx, id: WorkspaceId, person: UserId) -> Result<Option<String>, Error> {
    let values = [id.into(), person.uuid().into()];
    let row: Option<RoleRow> = tx.fetch_optional(sql!("member/role"), &values).await?;
    Ok(row.map(|r| r.role))
}
