//! Which requests were there?

use super::{
    Period,
    entry::{Entry, JoinedRow, entries},
};
use crate::{Error, outcome};
use proto::{
    Failure, Page,
    id::{KeyId, WorkspaceId},
    usage::{ListLogsRequest, ListLogsResponse},
};
use store::{Db, Sql, Value, WorkspaceTx, sql};
use tonic::Status;
use uuid::Uuid;

const LIST: Sql = sql!("request_log/list");

/// Newest first. Errors: `INVALID_ARGUMENT` and `REFUSED_VALUE` for filters and pages that mean nothing.
pub(crate) async fn list_logs(
    db: &Db,
    workspace: WorkspaceId,
    request: &ListLogsRequest,
) -> Result<ListLogsResponse, Status> {
    let page = Page::parse(request.page_size, &request.page_token)?;
    let values = values(workspace, request, page).map_err(Failure::from)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let rows: Vec<JoinedRow> = tx.fetch_all(LIST, &values).await?;
    let mut entries = entries(rows);
    let next_page_token = page.cut(&mut entries, |entry| entry.id.uuid());
    Ok(ListLogsResponse { logs: entries.into_iter().map(Entry::finish).collect(), next_page_token })
}

fn values(workspace: WorkspaceId, request: &ListLogsRequest, page: Page) -> Result<[Value; 11], Error> {
    let period = Period::open(request.from, request.to)?;
    if request.outcome.as_deref().is_some_and(|name| !outcome::exists(name)) {
        return Err(Error::Refused {
            field: "outcome",
            problem: "must be completed, client_gone, upstream_error, incomplete or rejected",
        });
    }
    for (field, text) in [("provider", &request.provider), ("model", &request.model)] {
        // PostgreSQL takes no such text, and rows are written without.
        if text.as_ref().is_some_and(|text| text.contains('\0')) {
            return Err(Error::invalid(field, "must not contain a NUL character"));
        }
    }
    let key = match &request.api_key_id {
        Some(id) => {
            let id: KeyId = id.parse().map_err(|_| Error::invalid("api_key_id", "must be the id of an API key"))?;
            Some(id)
        }
        None => None,
    };
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
        page.fetch().into(),
    ])
}
