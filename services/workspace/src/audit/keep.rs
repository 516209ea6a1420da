//! Keeps an event that a feed delivered, once.

use super::append::{New, append};
use crate::{Workspace, error::Error};
use proto::{
    feed::Event,
    id::{EventId, WorkspaceId},
    time,
};
use store::Tx;

/// Keeps it if it belongs to a workspace. One that cannot be read is skipped: waiting for it would hold up everything
/// that comes after.
pub(crate) async fn keep(service: &Workspace, tx: &mut Tx, source: &'static str, event: Event) -> Result<(), Error> {
    if event.workspace_id.is_empty() {
        return Ok(());
    }
    let (Ok(id), Ok(workspace)) = (event.id.parse::<EventId>(), event.workspace_id.parse::<WorkspaceId>()) else {
        tracing::warn!(source, position = event.position, "event cannot be read, skipped");
        return Ok(());
    };
    let new = New {
        id,
        source,
        position: event.position,
        at: event.at.and_then(time::from_proto).unwrap_or_else(|| service.clock.now()),
        actor: event.actor,
        action: event.kind,
        subject: event.subject,
        request_id: event.request_id,
        details: event.payload,
    };
    append(service, tx, workspace, new).await
}
