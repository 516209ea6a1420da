//! The whole trail, oldest first, piece by piece: what is in memory does not depend on how long it is.

use super::{filter, row::AuditRow};
use crate::{Workspace, error::Error};
use futures::{StreamExt as _, stream};
use proto::{
    id::WorkspaceId,
    workspace::{AuditEvent, AuditFilter, ExportAuditEventsResponse},
};
use store::{Value, WorkspaceTx, sql};
use tonic::{Status, codegen::BoxStream};
use uuid::Uuid;

/// Events of one piece.
const PAGE: i64 = 500;

/// Ends after the newest event that is there when it is read. Errors: as for [`super::list::list`].
pub(crate) fn export(
    service: &Workspace,
    workspace: WorkspaceId,
    filter: Option<AuditFilter>,
) -> Result<BoxStream<ExportAuditEventsResponse>, Error> {
    let (service, filter) = (service.clone(), filter::values(filter)?);
    let pieces = stream::unfold(Some(None), move |after: Option<Option<Uuid>>| {
        let (service, filter) = (service.clone(), filter.clone());
        async move {
            match page(&service, workspace, filter, after?).await {
                Ok(rows) => {
                    let last = rows.last().map(|row| Some(row.event_id.uuid()))?;
                    let events = rows.into_iter().map(AuditEvent::from).collect();
                    Some((Ok(ExportAuditEventsResponse { events }), Some(last)))
                }
                Err(error) => Some((Err(Status::from(error)), None)),
            }
        }
    });
    Ok(pieces.boxed())
}

async fn page(
    service: &Workspace,
    workspace: WorkspaceId,
    [from, to, actor, action]: [Value; 4],
    after: Option<Uuid>,
) -> Result<Vec<AuditRow>, Error> {
    let values = [workspace.into(), after.into(), from, to, actor, action, PAGE.into()];
    let mut tx = WorkspaceTx::read(&service.db, workspace).await?;
    Ok(tx.fetch_all(sql!("audit/export"), &values).await?)
}
