//! Members of a workspace, newest first.

use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{
    Page,
    id::{UserId, WorkspaceId},
    time,
    workspace::{ListMembersResponse, Member},
};
use store::{WorkspaceTx, sql};
use uuid::Uuid;

store::row! {
    struct MemberRow {
        member_id: Uuid,
        user_id: Uuid,
        role: String,
        created_at: DateTime<Utc>,
        email: Option<String>,
        name: Option<String>,
    }
}

/// One page of them.
pub(crate) async fn list(service: &Workspace, id: WorkspaceId, page: Page) -> Result<ListMembersResponse, Error> {
    let before = page.after.unwrap_or(Uuid::max());
    let values = [id.into(), before.into(), page.fetch().into()];
    let mut tx = WorkspaceTx::read(&service.db, id).await?;
    let mut rows: Vec<MemberRow> = tx.fetch_all(sql!("member/list"), &values).await?;
    let next_page_token = page.cut(&mut rows, |row| row.member_id);
    Ok(ListMembersResponse { members: rows.into_iter().map(Member::from).collect(), next_page_token })
}

/// One of them, within a transaction. Errors: `NOT_FOUND`.
pub(super) async fn one(tx: &mut WorkspaceTx, person: UserId) -> Result<Member, Error> {
    let values = [tx.workspace().into(), person.into()];
    let row: Option<MemberRow> = tx.fetch_optional(sql!("member/get"), &values).await?;
    row.map(Member::from).ok_or(Error::NotFound("member"))
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        Self {
            user_id: UserId::from_uuid(row.user_id).to_string(),
            email: row.email.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
            role: row.role,
            created_at: Some(time::to_proto(row.created_at)),
        }
    }
}
