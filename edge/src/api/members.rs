//! Members of a workspace.

use super::{page::Page, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    query::{Paging, Query},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::workspace::{ListMembersRequest, Member};
use serde::Serialize;
use utoipa::ToSchema;

/// A person in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody {
    /// `usr_…`
    user_id: String,
    email: String,
    name: String,
    /// `owner`, `admin`, `member` or `viewer`.
    role: String,
    /// Since when.
    created_at: DateTime<Utc>,
}

/// List the members of a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/members", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Paging),
    responses((status = 200, description = "A page of them", body = Page<MemberBody>)))]
pub(crate) async fn list_members(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MemberBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListMembersRequest { page_size, page_token };
    let listed = app.services.workspaces.list_members(&call, request).await?;
    Page::new(listed.members, listed.next_page_token, MemberBody::try_from).map(Json)
}

impl TryFrom<Member> for MemberBody {
    type Error = Error;

    fn try_from(member: Member) -> Result<Self> {
        Ok(Self {
            user_id: member.user_id,
            email: member.email,
            name: member.name,
            role: member.role,
            created_at: time::always(member.created_at)?,
        })
    }
}
