//! Chains what an earlier release has left unchained, at start and every hour.

use super::{append::End, chain::Entry, row::AuditRow};
use crate::{Workspace, error::Error};
use proto::id::WorkspaceId;
use store::{SystemTx, WorkspaceTx, sql};

/// Workspaces of one round, and entries of one transaction: a workspace's changes wait for its end.
const WORKSPACES: i64 = 1000;
const ENTRIES: i64 = 500;

/// Until nothing is left of the first so many workspaces. Errors: of the database.
pub(crate) async fn chain(service: &Workspace) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "find what is not chained").await?;
    let left: Vec<(WorkspaceId,)> = tx.fetch_all(sql!("audit/unchained"), &[WORKSPACES.into()]).await?;
    tx.commit().await?;
    for (workspace,) in left {
        while some(service, workspace).await? {}
    }
    Ok(())
}

/// Whether there may be more.
async fn some(service: &Workspace, workspace: WorkspaceId) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::begin(&service.db, workspace).await?;
    let mut end = End::lock(service, &mut tx, workspace).await?;
    // Only now: another process may have been here.
    let rows: Vec<AuditRow> = tx.fetch_all(sql!("audit/next_unchained"), &[workspace.into(), ENTRIES.into()]).await?;
    let text = workspace.to_string();
    for row in &rows {
        let id = row.event_id.to_string();
        let (seq, hash) = end.next(&Entry { workspace: &text, id: &id, ..row.entry() });
        let values = [workspace.into(), row.event_id.into(), seq.into(), hash.as_slice().into()];
        tx.execute(sql!("audit/chain"), &values).await?;
    }
    if !rows.is_empty() {
        end.put(service, &mut tx).await?;
        tx.commit().await?;
    }
    Ok(i64::try_from(rows.len()).is_ok_and(|n| n == ENTRIES))
}
