//! Workspaces.

use super::{
    limits::LimitsBody,
    page::{Page, some},
    repeat, time,
};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::{Json, Object},
    query::{Paging, Query},
};
use axum::{extract::State, response::IntoResponse};
use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use proto::workspace::{
    CreateWorkspaceRequest, GetWorkspaceRequest, ListWorkspacesRequest, UpdateWorkspaceRequest, Workspace,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A workspace: the tenant.
#[derive(Serialize, ToSchema)]
#[schema(as = Workspace)]
pub(crate) struct WorkspaceBody {
    /// `ws_…`
    id: String,
    #[schema(example = "Acme")]
    name: String,
    #[schema(example = "free")]
    plan: String,
    /// The caller's: `owner`, `admin`, `member` or `viewer`. Null for an API key.
    role: Option<String>,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// IANA time zone.
    #[schema(example = "America/Sao_Paulo")]
    time_zone: String,
    /// `en` or `pt-BR`.
    locale: String,
    /// Limits that the workspace sets itself; null is unlimited.
    limits: LimitsBody,
    created_at: DateTime<Utc>,
}

/// A new workspace.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme"}))]
pub(crate) struct NewWorkspace {
    name: String,
    /// ISO 4217. Default: USD, or BRL with pt-BR.
    currency: Option<String>,
    /// IANA time zone. Default: UTC, or America/Sao_Paulo with pt-BR.
    time_zone: Option<String>,
    /// `en` (default) or `pt-BR`.
    locale: Option<String>,
}

/// What to change. Fields that are left out stay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme Brasil", "limits": {"rpm": 600}}))]
pub(crate) struct WorkspaceChange {
    name: Option<String>,
    currency: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
    /// Replaces all limits: one that is left out is lifted.
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
}

/// List the caller's workspaces.
#[utoipa::path(get, path = "/workspaces", tag = "Workspaces", params(Paging),
    responses((status = 200, description = "A page of them", body = Page<WorkspaceBody>)))]
pub(crate) async fn list_workspaces(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WorkspaceBody>>> {
    let (page_size, page_token) = paging.into_request()?;
    let request = ListWorkspacesRequest { page_size, page_token };
    let listed = app.services.workspaces.list_workspaces(&call, request).await?;
    Page::new(listed.workspaces, listed.next_page_token, WorkspaceBody::try_from).map(Json)
}

/// Create a workspace that the caller owns.
#[utoipa::path(post, path = "/workspaces", tag = "Workspaces", request_body = NewWorkspace,
    params(("Idempotency-Key" = Option<String>, Header, description = repeat::KEY)),
    responses((status = 201, description = "The workspace", body = WorkspaceBody,
        headers(("Location" = String, description = "The workspace"),
            ("idempotent-replayed" = String, description = "`true` on an answer that was given before"))),
        (status = 409, description = repeat::MISMATCH)))]
pub(crate) async fn create_workspace(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<NewWorkspace>,
) -> Result<impl IntoResponse> {
    let request = CreateWorkspaceRequest {
        name: body.name,
        currency: body.currency.unwrap_or_default(),
        time_zone: body.time_zone.unwrap_or_default(),
        locale: body.locale.unwrap_or_default(),
    };
    let answer = app.services.workspaces.create_workspace(&call, request).await?;
    let made = WorkspaceBody::new(answer.workspace)?;
    let location = format!("/api/v1/workspaces/{}", made.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], repeat::header(answer.replayed), Json(made)))
}

/// Get a workspace.
#[utoipa::path(get, path = "/workspaces/{workspace_id}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The workspace", body = WorkspaceBody)))]
pub(crate) async fn get_workspace(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<WorkspaceBody>> {
    let found = app.services.workspaces.get_workspace(&call, GetWorkspaceRequest {}).await?;
    WorkspaceBody::new(found.workspace).map(Json)
}

/// Change a workspace.
#[utoipa::path(put, path = "/workspaces/{workspace_id}", tag = "Workspaces", request_body = WorkspaceChange,
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The workspace as it is now", body = WorkspaceBody)))]
pub(crate) async fn update_workspace(
    State(app): State<Shared>,
    Caller(call): Caller,
    Json(body): Json<WorkspaceChange>,
) -> Result<Json<WorkspaceBody>> {
    let request = UpdateWorkspaceRequest {
        name: body.name,
        currency: body.currency,
        time_zone: body.time_zone,
        locale: body.locale,
        limits: body.limits.map(|Object(limits)| limits.into()),
    };
    let changed = app.services.workspaces.update_workspace(&call, request).await?;
    WorkspaceBody::new(changed.workspace).map(Json)
}

impl WorkspaceBody {
    fn new(workspace: Option<Workspace>) -> Result<Self> {
        workspace.ok_or_else(|| Error::incomplete("the workspace"))?.try_into()
    }
}

impl TryFrom<Workspace> for WorkspaceBody {
    type Error = Error;

    fn try_from(workspace: Workspace) -> Result<Self> {
        Ok(Self {
            id: workspace.id,
            name: workspace.name,
            plan: workspace.plan,
            role: some(workspace.role),
            currency: workspace.currency,
            time_zone: workspace.time_zone,
            locale: workspace.locale,
            limits: workspace.limits.unwrap_or_default().into(),
            created_at: time::always(workspace.created_at)?,
        })
    }
}
