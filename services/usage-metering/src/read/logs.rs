//! Which requests were there?

use super::{
    Period,
    entry::{Entry, JoinedRow, entries},
};
use crate::{Error, outcome};
use proto::{
    Failure, Page,
    id::{KeyId, TeamId, UserId, WorkspaceId},
    usage::{ListLogsRequest, ListLogsResponse},
};
use store::{Db, Sql, Value, WorkspaceTx, sql};
use tonic::Status;
use uuid::Uuid;

const REPLAN: Sql = sql!(pair "request_log/replan");
const LIST: Sql = sql!(pair "request_log/list");

/// Newest first. Errors: `INVALID_ARGUMENT` and `REFUSED_VALUE` for filters and pages that mean nothing.
pub(crate) async fn list_logs(
    db: &Db,
    workspace: WorkspaceId,
    request: &ListLogsRequest,
) -> Result<ListLogsResponse, Status> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let values = values(workspace, request, page).map_err(Failure::from)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    tx.execute(REPLAN, &[]).await?;
    let rows: Vec<JoinedRow> = tx.fetch_all(LIST, &values).await?;
    let mut entries = entries(rows);
    let next_page_token = page.cut(&mut entries, |entry| entry.id.uuid());
    Ok(ListLogsResponse { logs: entries.into_iter().map(Entry::finish).collect(), next_page_token })
}

fn values(workspace: WorkspaceId, request: &ListLogsRequest, page: Page) -> Result<[Value; 14], Error> {
    let period = Period::open(request.from, request.to)?;
    if request.outcome.as_deref().is_some_and(|name| !outcome::exists(name)) {
        return Err(Error::Refused {
            field: "outcome",
            problem: "must be completed, client_gone, upstream_error, incomplete, rejected, budget_stopped, cached or replayed",
        });
    }
    for (field, text) in [("provider", &request.provider), ("model", &request.model)] {
        // PostgreSQL takes no such text, and rows are written without.
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Error::invalid(field, "must not contain a NUL character"));
        }
    }
    let key = request.api_key_id.as_ref().map(|id| id.parse::<KeyId>()).transpose();
    let key = key.map_err(|_| Error::invalid("api_key_id", "must be the id of an API key"))?;
    let user = request.user_id.as_ref().map(|id| id.parse::<UserId>()).transpose();
    let user = user.map_err(|_| Error::invalid("user_id", "must be the id of a user"))?;
    let team = request.team_id.as_ref().map(|id| id.parse::<TeamId>()).transpose();
    let team = team.map_err(|_| Error::invalid("team_id", "must be the id of a team"))?;
    let before: Uuid = page.after.map_or(period.beyond_id(), |after| after.min(period.beyond_id()));
    Ok([
        workspace.into(),
        before.into(),
        period.least_id().into(),
        period.from.into(),
        period.to.into(),
        request.provider.as_deref().into(),
        request.model.as_deref().into(),
        request.status.into(),
        request.outcome.as_deref().into(),
        key.into(),
        user.into(),
        found_by(request).into(),
        page.fetch().into(),
        team.into(),
    ])
}

/// By which of its filters a page is found: the one that most likely leaves the fewest rows. What nearly every row has
/// finds nothing.
fn found_by(request: &ListLogsRequest) -> &'static str {
    if request.api_key_id.is_some() {
        "api_key_id"
    } else if request.outcome.as_deref().is_some_and(|outcome| outcome != "completed") {
        "outcome"
    } else if request.status.is_some_and(|status| status != 200) {
        "status"
    } else if request.user_id.is_some() {
        "user_id"
    } else if request.team_id.is_some() {
        "team_id"
    } else if request.model.is_some() {
        "model"
    } else if request.provider.as_deref().is_some_and(|provider| !provider.is_empty()) {
        "provider"
    } else {
        "time"
    }
}
