//! Request logs of a workspace.

mod body;

use super::{page::Page, time};
use crate::{
    app::Shared,
    auth::Caller,
    error::{Error, Result},
    json::Json,
    path::Target,
    query::{Paging, Query, page_size},
};
use axum::extract::State;
use body::LogBody;
use proto::{
    Failure,
    id::RequestId,
    usage::{GetLogRequest, ListLogsRequest},
};
use serde::Deserialize;
use utoipa::IntoParams;

/// Which requests to list. Filters are combined.
#[derive(Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Filter {
    /// How many, 1 to 200. Default: 50.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<i32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Name of the provider that answered.
    provider: Option<String>,
    /// The model, as asked for or as the provider knows it.
    model: Option<String>,
    /// HTTP status of the answer.
    status: Option<i32>,
    /// `completed`, `client_gone`, `upstream_error`, `incomplete`, `rejected`, `budget_stopped`, `cached`, `replayed` or
    /// `blocked` (by a guardrail); of attempts also `outrun` (another one was sooner).
    outcome: Option<String>,
    /// `key_…`
    api_key_id: Option<String>,
    /// `usr_…`: who called, or made the key that did.
    user_id: Option<String>,
    /// `team_…`: whose key it was.
    team_id: Option<String>,
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

/// List the requests of a workspace, newest first.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/logs", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), Filter),
    responses((status = 200, description = "A page of them", body = Page<LogBody>)))]
pub(crate) async fn list_logs(
    State(app): State<Shared>,
    Caller(call): Caller,
    Query(filter): Query<Filter>,
) -> Result<Json<Page<LogBody>>> {
    let listed = app.services.usage.list_logs(&call, filter.into_request()?).await?;
    Page::new(listed.logs, listed.next_page_token, LogBody::try_from).map(Json)
}

/// Get one request with its attempts. Its id is the `x-request-id` of its answer.
#[utoipa::path(get, path = "/workspaces/{workspace_id}/logs/{request_id}", tag = "Logs and usage",
    params(("workspace_id" = String, Path, description = "`ws_…`"), ("request_id" = String, Path, description = "`req_…`")),
    responses((status = 200, description = "The request", body = LogBody)))]
pub(crate) async fn get_log(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<RequestId>,
) -> Result<Json<LogBody>> {
    let found = app.services.usage.get_log(&call, GetLogRequest { request_id: id.to_string() }).await?;
    found.log.ok_or_else(|| Error::incomplete("the log"))?.try_into().map(Json)
}

impl Filter {
    fn into_request(self) -> Result<ListLogsRequest, Failure> {
        Ok(ListLogsRequest {
            page_size: page_size(self.limit)?,
            page_token: self.cursor.unwrap_or_default(),
            provider: self.provider,
            model: self.model,
            status: self.status,
            outcome: self.outcome,
            api_key_id: self.api_key_id,
            user_id: self.user_id,
            team_id: self.team_id,
            from: self.from.map(time::Instant::to_proto),
            to: self.to.map(time::Instant::to_proto),
        })
    }
}
