//! Roles of a workspace: the four that every one has, and its own.

use super::{page::Page, repeat, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use proto::workspace::{
    CreateRoleRequest, DeleteRoleRequest, GetRoleRequest, ListRolesRequest, RolePermissions, UpdateRoleRequest,
    WorkspaceRole,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What members may do.
#[derive(Serialize, ToSchema)]
#[schema(as = Role)]
pub(crate) struct RoleBody {
    /// What members and invitations name.
    name: String,
    description: String,
    /// What whoever has it may do.
    permissions: Vec<String>,
    /// `owner`, `admin`, `member` and `viewer`: every workspace has them, and nobody changes them.
    built_in: bool,
    /// Null for built-in ones.
    created_at: Option<DateTime<Utc>>,
    /// Null for built-in ones.
    updated_at: Option<DateTime<Utc>>,
}

/// A role of the workspace's own.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "auditor", "description": "Reads the books", "permissions": ["workspace.read", "usage.read", "audit.read"],
}))]
pub(crate) struct NewRole {
    /// 1 to 40 lower-case letters, digits, `-` and `_`. It stays for good.
    name: String,
    description: Option<String>,
    /// At least one. None that the caller lacks, and never `workspace.own`; a wrong one is answered with all there are.
    permissions: Vec<String>,
}

/// What to change. Fields that are left out, or null, stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"permissions": ["workspace.read", "audit.read"]}))]
pub(crate) struct RoleChange {
    description: Option<String>,
    /// Replaces the list.
    permissions: Option<Vec<String>>,
}

/// List the roles of a workspace: the four that every one has, then its own by name. They come at once.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/roles", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "All of them", body = Page<RoleBody>)))]
pub(crate) async fn list_roles(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<Page<RoleBody>>> {
    let listed = app.services.workspaces.list_roles(&call, ListRolesRequest {}).await?;
    Page::new(listed.roles, String::new(), |role| Result::Ok(RoleBody::from(role))).map(Json)
}

/// Make a role of the workspace's own. Nobody makes one that may do more than they. A workspace has at most 50.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/roles", tag = "Workspaces", request_body = NewRole,
    params(("workspace_id" = String, Path, description = "`ws_…`"),
        ("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The role", body = RoleBody,
        headers(("Location" = String, description = "The role"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = "The name is taken, or: the Idempotency-Key was used with another request")))]
pub(crate) async fn create_role(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewRole>,
) -> Result<impl IntoResponse> {
    let NewRole { name, description, permissions } = body;
    let request = CreateRoleRequest { name, description: description.unwrap_or_default(), permissions };
    let answer = app.services.workspaces.create_role(&call, request).await?;
    let made = RoleBody::new(answer.role)?;
    let workspace = call.workspace()?;
    let location = format!("/api/v1/workspaces/{workspace}/roles/{}", made.name);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get a role.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/roles/{role}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("role" = String, Path, description = "Its name")),
    responses((status = 200, description = "The role", body = RoleBody)))]
pub(crate) async fn get_role(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(name): Target<String>,
) -> Result<Json<RoleBody>> {
    let found = app.services.workspaces.get_role(&call, GetRoleRequest { name }).await?;
    RoleBody::new(found.role).map(Json)
}

/// Change a role of the workspace's own. Within a second it holds everywhere for whoever has it, and for the keys that they made.
///
/// Nobody changes a role that may do more than they, or makes it so.
#[utoipa::path(patch, path = "/workspaces/{workspace_id}/roles/{role}", tag = "Workspaces", request_body = RoleChange,
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("role" = String, Path, description = "Its name")),
    responses((status = 200, description = "The role as it is now", body = RoleBody),
        (status = 409, description = "Every workspace has this role")))]
pub(crate) async fn update_role(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(name): Target<String>,
    Json(body): Json<RoleChange>,
) -> Result<Json<RoleBody>> {
    let permissions = body.permissions.map(|names| RolePermissions { names });
    let request = UpdateRoleRequest { name, description: body.description, permissions };
    let changed = app.services.workspaces.update_role(&call, request).await?;
    RoleBody::new(changed.role).map(Json)
}

/// Remove a role of the workspace's own that no member has and no open invitation gives.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}/roles/{role}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("role" = String, Path, description = "Its name")),
    responses((status = 204, description = "It is gone"),
        (status = 409, description = "Every workspace has this role; or `members` have it, or it waits for them in `invitations`")))]
pub(crate) async fn delete_role(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(name): Target<String>,
) -> Result<StatusCode> {
    app.services.workspaces.delete_role(&call, DeleteRoleRequest { name }).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl RoleBody {
    fn new(role: Option<WorkspaceRole>) -> Result<Self> {
        role.map(Self::from).ok_or_else(|| Error::incomplete("the role"))
    }
}

impl From<WorkspaceRole> for RoleBody {
    fn from(role: WorkspaceRole) -> Self {
        Self {
            name: role.name,
            description: role.description,
            permissions: role.permissions,
            built_in: role.built_in,
            created_at: time::maybe(role.created_at),
            updated_at: time::maybe(role.updated_at),
        }
    }
}
