//! Workspaces.

use super::{
    limits::body::{BudgetBody, LimitsBody, one_or_none, the_only},
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
use proto::{
    limits::{Budgets, PerModel},
    time::from_proto,
    workspace::{
        CreateWorkspaceRequest, DeleteWorkspaceRequest, GetWorkspaceRequest, ListWorkspacesRequest,
        RestoreWorkspaceRequest, UpdateWorkspaceRequest, Workspace,
    },
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
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
    /// The caller's: `owner`, `admin`, `member`, `viewer` or a role of the workspace's own. Null for an API key.
    role: Option<String>,
    /// ISO 4217.
    #[schema(example = "USD")]
    currency: String,
    /// IANA time zone.
    #[schema(example = "America/Sao_Paulo")]
    time_zone: String,
    /// `en` or `pt-BR`.
    locale: String,
    /// Limits of the workspace as a whole; null is unlimited.
    limits: LimitsBody,
    /// The budget in `limits.budgets`, if there is exactly one.
    budget: Option<BudgetBody>,
    /// Limits of each member, whether they call with an access token or with a key that they made.
    per_user: LimitsBody,
    /// Limits by model: as requests name it, as its provider knows it, or `<provider name>/<model>`.
    per_model: BTreeMap<String, LimitsBody>,
    created_at: DateTime<Utc>,
    /// When it was deleted. Null: it was not.
    deleted_at: Option<DateTime<Utc>>,
    /// Until when it can be restored; then all that is kept of it goes for ever.
    purge_at: Option<DateTime<Utc>>,
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
#[schema(example = json!({
    "limits": {"rpm": 600, "budgets": [{"amount_micros": 500_000_000, "period": "month"}]},
    "per_user": {"tokens_per_day": 1_000_000},
    "per_model": {"gpt-5": {"rpm": 60}},
}))]
pub(crate) struct WorkspaceChange {
    name: Option<String>,
    currency: Option<String>,
    time_zone: Option<String>,
    locale: Option<String>,
    /// Replaces all limits of the workspace as a whole: one that is left out is lifted.
    #[schema(value_type = Option<LimitsBody>)]
    limits: Option<Object<LimitsBody>>,
    /// Replaces the budgets and leaves the other limits: one budget, or null for none.
    #[serde(default, deserialize_with = "one_or_none")]
    #[schema(value_type = Option<BudgetBody>)]
    budget: Option<Budgets>,
    /// Replaces all limits of members.
    #[schema(value_type = Option<LimitsBody>)]
    per_user: Option<Object<LimitsBody>>,
    /// Replaces the limits of all models: one that is left out has none.
    #[schema(value_type = Option<BTreeMap<String, LimitsBody>>)]
    per_model: Option<BTreeMap<String, Object<LimitsBody>>>,
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
        (status = 402, description = "The plans of the workspaces that the caller owns allow no more (`workspaces`)"),
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

/// Delete a workspace. Only its owners may. It is closed at once: its keys end, nothing can be called or changed, its executions
/// and its subscription end; members may look at what is there and export it. It can be restored until `purge_at`, and then all
/// that is kept of it goes for ever, but for the books.
#[utoipa::path(delete, path = "/workspaces/{workspace_id}", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 202, description = "The workspace, which goes at `purge_at`", body = WorkspaceBody)))]
pub(crate) async fn delete_workspace(
    State(app): State<Shared>,
    Caller(call): Caller,
) -> Result<(StatusCode, Json<WorkspaceBody>)> {
    let deleted = app.services.workspaces.delete_workspace(&call, DeleteWorkspaceRequest {}).await?;
    Ok((StatusCode::ACCEPTED, Json(WorkspaceBody::new(deleted.workspace)?)))
}

/// Restore a workspace that was deleted, until `purge_at`. Keys and the subscription that have ended stay ended.
#[utoipa::path(post, path = "/workspaces/{workspace_id}/restore", tag = "Workspaces",
    params(("workspace_id" = String, Path, description = "`ws_…`")),
    responses((status = 200, description = "The workspace", body = WorkspaceBody),
        (status = 402, description = "The plans of the workspaces that the caller owns allow no more (`workspaces`)")))]
pub(crate) async fn restore_workspace(State(app): State<Shared>, Caller(call): Caller) -> Result<Json<WorkspaceBody>> {
    let restored = app.services.workspaces.restore_workspace(&call, RestoreWorkspaceRequest {}).await?;
    WorkspaceBody::new(restored.workspace).map(Json)
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
        budgets: body.budget,
        per_user: body.per_user.map(|Object(limits)| limits.into()),
        per_model: body.per_model.map(per_model),
    };
    let changed = app.services.workspaces.update_workspace(&call, request).await?;
    WorkspaceBody::new(changed.workspace).map(Json)
}

fn per_model(models: BTreeMap<String, Object<LimitsBody>>) -> PerModel {
    PerModel { models: models.into_iter().map(|(name, Object(limits))| (name, limits.into())).collect() }
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
            budget: workspace.limits.as_ref().and_then(the_only),
            limits: workspace.limits.unwrap_or_default().into(),
            per_user: workspace.per_user.unwrap_or_default().into(),
            per_model: workspace.per_model.unwrap_or_default().models.into_iter().map(|(k, v)| (k, v.into())).collect(),
            created_at: time::always(workspace.created_at)?,
            deleted_at: workspace.deleted_at.and_then(from_proto),
            purge_at: workspace.purge_at.and_then(from_proto),
        })
    }
}
