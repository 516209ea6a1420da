//! Every workspace of a person, oldest first, as identity shows them beside the person.

use crate::{Workspace, error::Error};
use proto::{
    id::{UserId, WorkspaceId},
    workspace::{ListMembershipsRequest, ListMembershipsResponse, Membership},
};
use store::{SystemTx, sql};
use uuid::Uuid;

store::row! {
    struct MembershipRow {
        workspace_id: Uuid,
        name: String,
        role: String,
    }
}

/// All of them. Errors: `NOT_FOUND` for an id that is none.
pub(crate) async fn list(
    service: &Workspace,
    request: ListMembershipsRequest,
) -> Result<ListMembershipsResponse, Error> {
    let person: UserId = request.user_id.parse().map_err(|_| Error::NotFound("user"))?;
    let mut tx = SystemTx::read(&service.db, "memberships of a person").await?;
    let rows: Vec<MembershipRow> = tx.fetch_all(sql!("member/memberships"), &[person.into()]).await?;
    let memberships = rows.into_iter().map(|row| Membership {
        workspace_id: WorkspaceId::from_uuid(row.workspace_id).to_string(),
        name: row.name,
        role: row.role,
    });
    Ok(ListMembershipsResponse { memberships: memberships.collect() })
}
