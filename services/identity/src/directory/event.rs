//! What the trail of the workspace says of its directory: of whom it was, and never what was said of them.

use crate::Parts;
use proto::{
    Call,
    id::{EventId, UserId, WorkspaceId},
};
use serde_json::Value;
use store::outbox::Event;

/// Something was said of somebody.
pub(super) fn of(
    parts: &Parts,
    call: &Call,
    kind: &'static str,
    (workspace, person): (WorkspaceId, UserId),
    payload: Value,
) -> Event {
    let id = EventId::from_uuid(parts.ids.uuid());
    Event { workspace: Some(workspace), payload, ..Event::of(call, id, parts.clock.now(), kind, person) }
}
