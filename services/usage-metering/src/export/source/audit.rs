//! The audit trail of a workspace, as workspace keeps it: oldest first, in its own pieces.

use super::Source;
use crate::{
    Error,
    export::encode::{Cell, Encoder},
    peers::{self, Peers},
};
use futures::StreamExt as _;
use host::Ids;
use proto::{
    time::from_proto,
    workspace::{AuditEvent, ExportAuditEventsResponse},
};
use tonic::codegen::BoxStream;

pub(super) const COLUMNS: &[&str] =
    &["id", "created_at", "actor", "action", "subject", "request_id", "source", "details"];

/// What is still to be read of it.
pub(super) type Trail = BoxStream<ExportAuditEventsResponse>;

/// Writes the next piece, and says how many events it had; none at the end. Errors: workspace is away.
pub(super) async fn page(
    peers: Option<&Peers>,
    ids: &Ids,
    source: &mut Source,
    encoder: &mut Encoder,
) -> Result<usize, Error> {
    let trail = match &mut source.trail {
        Some(trail) => trail,
        none => {
            let peers = peers.ok_or(Error::NoAudit)?;
            none.insert(peers.audit_trail(ids, source.workspace, source.period).await?)
        }
    };
    // A piece without events would look like the end.
    while let Some(piece) = trail.next().await {
        let events = piece.map_err(peers::failed)?.events;
        for event in &events {
            encoder.row(&cells(event))?;
        }
        if !events.is_empty() {
            return Ok(events.len());
        }
    }
    Ok(0)
}

fn cells(event: &AuditEvent) -> [Cell<'_>; COLUMNS.len()] {
    [
        Cell::text(&event.id),
        Cell::maybe(event.at.and_then(from_proto), Cell::Time),
        Cell::text(&event.actor),
        Cell::text(&event.action),
        Cell::text(&event.subject),
        Cell::text(&event.request_id),
        Cell::text(&event.source),
        Cell::json(&event.details_json),
    ]
}
