//! One request.

use super::entry::{Entry, JoinedRow, entries};
use crate::Error;
use proto::{
    id::{RequestId, WorkspaceId},
    usage::{GetLogResponse, RequestLog},
};
use store::{Db, Sql, WorkspaceTx, sql};

const EXPLANATION: Sql = sql!("request_log/explanation");
const GET: Sql = sql!("request_log/get");

store::row! {
    struct ExplanationRow {
        explanation: String,
    }
}

/// Errors: `NOT_FOUND`, also for what belongs to another workspace.
pub(crate) async fn get_log(db: &Db, workspace: WorkspaceId, id: &str) -> Result<GetLogResponse, Error> {
    let id: RequestId = id.parse().map_err(|_| Error::UnknownRequest)?;
    let mut tx = WorkspaceTx::read(db, workspace).await?;
    let rows: Vec<JoinedRow> = tx.fetch_all(GET, &[workspace.into(), id.into()]).await?;
    let entry = entries(rows).into_iter().next().ok_or(Error::UnknownRequest)?;
    let row: Option<ExplanationRow> = tx.fetch_optional(EXPLANATION, &[workspace.into(), id.into()]).await?;
    let explanation_json = row.map(|row| row.explanation).unwrap_or_default();
    Ok(GetLogResponse { log: Some(RequestLog { explanation_json, ..Entry::finish(entry) }) })
}
