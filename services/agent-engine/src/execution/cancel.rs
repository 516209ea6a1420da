//! The end of an execution that somebody does not want any more.

use super::get::{row, shown};
use crate::{
    Error,
    journal::{self, Event},
    service::Inner,
};
use chrono::{DateTime, Utc};
use proto::{
    engine::{CancelExecutionRequest, CancelExecutionResponse, DeleteExecutionRequest, DeleteExecutionResponse},
    id::ExecutionId,
};
use serde_json::json;
use store::{GlobalTx, sql};

store::row! {
    struct Stand {
        phase: String,
        epoch: i64,
        cancel_requested_at: Option<DateTime<Utc>>,
        finished_at: Option<DateTime<Utc>>,
    }
}

/// Errors: `NOT_FOUND`, the database failed.
pub(crate) async fn cancel(inner: &Inner, request: &CancelExecutionRequest) -> Result<CancelExecutionResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let before = row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    drop(before);
    let idle = end(inner, &mut tx, id, false).await?;
    tx.commit().await?;
    stop(inner, id, idle).await?;
    let mut tx = GlobalTx::read(&inner.db).await?;
    let execution = row(&mut tx, id).await?.map(shown).transpose()?;
    Ok(CancelExecutionResponse { execution })
}

/// Errors: `NOT_FOUND`, the database failed.
pub(crate) async fn delete(inner: &Inner, request: &DeleteExecutionRequest) -> Result<DeleteExecutionResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let stand: Stand = tx.fetch_optional(sql!("execution/stand"), &[id.into()]).await?.ok_or(Error::NotFound)?;
    if stand.finished_at.is_some() {
        tx.execute(sql!("execution/delete"), &[id.into()]).await?;
        tx.commit().await?;
        return Ok(DeleteExecutionResponse { deleted: true });
    }
    let idle = end(inner, &mut tx, id, true).await?;
    tx.commit().await?;
    stop(inner, id, idle).await?;
    let mut tx = GlobalTx::read(&inner.db).await?;
    let left: Option<Stand> = tx.fetch_optional(sql!("execution/stand"), &[id.into()]).await?;
    Ok(DeleteExecutionResponse { deleted: left.is_none() })
}

/// Writes down that it is to end; the epoch of one that nobody works on.
async fn end(inner: &Inner, tx: &mut GlobalTx, id: ExecutionId, is_doomed: bool) -> Result<Option<i64>, Error> {
    let now = inner.clock.now();
    let stand: Stand = tx.fetch_one(sql!("execution/stand"), &[id.into()]).await?;
    if stand.finished_at.is_some() {
        return Ok(None);
    }
    tx.execute(sql!("execution/cancel"), &[id.into(), now.into(), is_doomed.into()]).await?;
    if stand.cancel_requested_at.is_none() {
        let last = journal::next_event(tx, id).await?;
        journal::write_event(tx, id, last, &[Event::new("execution.cancelling", json!({}))], now).await?;
    }
    Ok(matches!(stand.phase.as_str(), "queued" | "awaiting_input").then_some(stand.epoch))
}

/// Ends what is under way here, or what nobody works on.
async fn stop(inner: &Inner, id: ExecutionId, idle: Option<i64>) -> Result<(), Error> {
    inner.tell();
    inner.end(id);
    let Some(epoch) = idle else { return Ok(()) };
    match journal::finish(inner, id, epoch, journal::End::Cancelled).await {
        // Somebody has taken it up meanwhile, and sees that it is to end.
        Ok(()) | Err(Error::Lost) => Ok(()),
        Err(error) => Err(error),
    }
}
