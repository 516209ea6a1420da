//! Keeps an event that a feed delivered, once.

use crate::error::Error;
use chrono::{DateTime, Utc};
use proto::{
    feed::Event,
    id::{EventId, WorkspaceId},
    time,
};
use store::{Tx, sql};

/// Keeps it if it belongs to a workspace. One that cannot be read is skipped: waiting for it would hold up everything
/// that comes after.
pub(crate) async fn keep(tx: &mut Tx, source: &'static str, event: Event, now: DateTime<Utc>) -> Result<(), Error> {
    if event.workspace_id.is_empty() {
        return Ok(());
    }
    let (Ok(id), Ok(workspace)) = (event.id.parse::<EventId>(), event.workspace_id.parse::<WorkspaceId>()) else {
        tracing::warn!(source, position = event.position, "event cannot be read, skipped");
        return Ok(());
    };
    let at = event.at.and_then(time::from_proto).unwrap_or(now);
    let values = [
        id.into(),
        workspace.into(),
        source.into(),
        event.position.into(),
        at.into(),
        event.actor.into(),
        event.kind.into(),
        event.subject.into(),
        event.request_id.into(),
        event.payload.into(),
    ];
    tx.execute(sql!("audit/insert"), &values).await?;
    Ok(())
}
