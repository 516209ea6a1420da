//! What happened in a workspace.

mod body;
pub(crate) mod export;

use super::{page::Page, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::Json,
    query::{Paging, Query, page_size},
};
use axum::extract::State;
use body::AuditBody;
use proto::workspace::{AuditFilter, ListAuditEventsRequest};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which events to list. Filters are combined.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Who did it: `usr_…` or `key_…`.
    actor: Option<String>,
    /// What was done.
    #[param(example = "provider.created")]
    action: Option<String>,
    /// Not before this time.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    from: Option<time::Instant>,
    /// Before this time.
    #[param(value_type = Option<chrono::DateTime<chrono::Utc>>)]
    to: Option<time::Instant>,
}

impl Filter {
    /// A page of all.
    pub(super) fn all(Paging { limit, cursor }: Paging) -> Self {
        Self { limit, cursor, ..Self::default() }
    }
}

/// List what happened in a workspace, newest first.
///
/// The trail is append-only and kept for ever. It needs `audit.read`, which owners and admins have.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/audit", tag = "Audit",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Filter),
    responses((status = 200, description = "A page of it", body = Page<AuditBody>)))]
pub(crate) async fn list_audit_events(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<AuditBody>>> {
    let request = ListAuditEventsRequest {
        page_size: page_size(filter.limit)?,
        page_token: filter.cursor.unwrap_or_default(),
        filter: Some(asked(filter.actor, filter.action, filter.from, filter.to)),
    };
    let listed = app.services.workspaces.list_audit_events(&call, request).await?;
    Page::new(listed.events, listed.next_page_token, AuditBody::try_from).map(Json)
}

/// Which events, as the service takes it.
fn asked(
    actor: Option<String>,
    action: Option<String>,
    from: Option<time::Instant>,
    to: Option<time::Instant>,
) -> AuditFilter {
    AuditFilter { from: from.map(time::Instant::to_proto), to: to.map(time::Instant::to_proto), actor, action }
}
