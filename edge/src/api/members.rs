//! Members of a workspace.

use super::{page::Page, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Paging, Query},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use http::StatusCode;
use proto::{
    Principal,
    id::UserId,
    workspace::{
        ChangeMemberRoleRequest, LeaveWorkspaceRequest, ListMembersRequest, Member, RemoveMemberRequest,
        TransferOwnershipRequest,
    },
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A person in a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody {
    /// `usr_…`
    user_id: String,
    email: String,
    name: String,
    /// `owner`, `admin`, `member`, `viewer` or a role of the workspace's own.
    role: String,
    /// Since when.
    created_at: DateTime<Utc>,
}

/// What a member becomes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"role": "admin"}))]
pub(crate) struct MemberChange {
    /// `owner`, `admin`, `member`, `viewer` or a role of the workspace's own.
    role: String,
}

/// To whom a workspace goes.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"user_id": "usr_01k9tq6j3se5mb1pt2xdv6q3kz"}))]
pub(crate) struct Transfer {
    /// A member: `usr_…`.
    user_id: String,
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

/// Change what a member is. Within a second it holds everywhere, for the keys that they made too.
///
/// Nobody gives or takes a role that may do more than they may themselves: an admin makes no owner. A workspace is never
/// without an owner.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/members/{user_id}", tag = "Workspaces",
    request_body = MemberChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("user_id" = String, Path, description = "`usr_…`")),
    responses((status = 200, description = "The member as they are now", body = MemberBody),
        (status = 402, description = "They cannot own one more workspace: their plans allow no more (`workspaces`)"),
        (status = 409, description = "They are the only owner")))]
pub(crate) async fn change_member(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
    Json(body): Json<MemberChange>,
) -> Result<Json<MemberBody>> {
    let request = ChangeMemberRoleRequest { user_id: id.to_string(), role: body.role };
    let changed = app.services.workspaces.change_member_role(&call, request).await?;
    MemberBody::new(changed.member).map(Json)
}

/// Remove a member, or leave with one's own id, which needs no permission. Within a second they are out everywhere, and the
/// keys that they made end; service accounts stay.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/members/{user_id}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("user_id" = String, Path, description = "`usr_…`")),
    responses((status = 204, description = "They are no member any more"),
        (status = 409, description = "They are the only owner")))]
pub(crate) async fn remove_member(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<UserId>,
) -> Result<StatusCode> {
    let workspaces = &app.services.workspaces;
    match call.principal {
        Principal::User { id: own, .. } if own == id => {
            workspaces.leave_workspace(&call, LeaveWorkspaceRequest {}).await?;
        }
        _ => {
            workspaces.remove_member(&call, RemoveMemberRequest { user_id: id.to_string() }).await?;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Give the workspace to another member: they become an owner and the caller, who must be one, an admin.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/transfer", tag = "Workspaces", request_body = Transfer,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The new owner", body = MemberBody),
        (status = 402, description = "They cannot own one more workspace: their plans allow no more (`workspaces`)")))]
pub(crate) async fn transfer_ownership(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<Transfer>,
) -> Result<Json<MemberBody>> {
    let request = TransferOwnershipRequest { user_id: body.user_id };
    let transferred = app.services.workspaces.transfer_ownership(&call, request).await?;
    MemberBody::new(transferred.member).map(Json)
}

impl MemberBody {
    fn new(member: Option<Member>) -> Result<Self> {
        member.ok_or_else(|| Error::incomplete("the member"))?.try_into()
    }
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
