//! Workspaces, as operators see them.

use super::super::{
    page::{Page, some},
    time,
};
use crate::{
    app::Shared,
    auth::Operator,
    error::{Error, Result},
    json::Json,
    query::{Query, page_size},
};
use axum::extract::State;
use chrono::{DateTime, Utc};
use proto::workspace::{ListAllWorkspacesRequest, WorkspaceSummary};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A workspace as operators see it.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkspaceSummary)]
pub(crate) struct SummaryBody {
    /// `ws_…`
    id: String,
    name: String,
    plan: String,
    currency: String,
    /// Who has been one of its owners for longest.
    owner: Option<OwnerBody>,
    /// How many belong to it.
    members: i64,
    created_at: DateTime<Utc>,
}

/// The owner of a workspace.
#[derive(Serialize, ToSchema)]
#[schema(as = WorkspaceOwner)]
pub(crate) struct OwnerBody {
    /// `usr_…`
    id: String,
    /// Null where it is not known yet.
    email: Option<String>,
}

/// Which workspaces.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Which {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// The id of one, or a part of the name or of an owner's address.
    query: Option<String>,
}

/// List the workspaces of the platform, newest first. For operators.
#[utoipa::path(get, path = "/admin/workspaces", tag = "Operators", params(Which),
    responses((status = 200, description = "A page of them", body = Page<SummaryBody>),
        (status = 403, description = "The caller has no platform role")))]
pub(crate) async fn list_all_workspaces(
    State(app): State<Shared>,
    Operator(call): Operator,
    Query(which): Query<Which>,
) -> Result<Json<Page<SummaryBody>>> {
    let request = ListAllWorkspacesRequest {
        page_size: page_size(which.limit)?,
        page_token: which.cursor.unwrap_or_default(),
        query: which.query.unwrap_or_default(),
    };
    let listed = app.services.workspaces.list_all_workspaces(&call, request).await?;
    Page::new(listed.workspaces, listed.next_page_token, SummaryBody::try_from).map(Json)
}

impl TryFrom<WorkspaceSummary> for SummaryBody {
    type Error = Error;

    fn try_from(summary: WorkspaceSummary) -> Result<Self> {
        let owner = some(summary.owner_user_id).map(|id| OwnerBody { id, email: some(summary.owner_email) });
        Ok(Self {
            id: summary.id,
            name: summary.name,
            plan: summary.plan,
            currency: summary.currency,
            owner,
            members: summary.members,
            created_at: time::always(summary.created_at)?,
        })
    }
}
