//! What did somebody change here? The workspace service follows the feed and keeps it in the trail of the workspace.

use crate::service::Inner;
use proto::{Call, id::EventId};
use serde_json::Value;
use store::{WorkspaceTx, outbox::Event};

/// Tells it with the transaction that does it. No secret and no address belongs into `facts`: a trail is kept for long.
pub(crate) fn tell(
    inner: &Inner,
    tx: &mut WorkspaceTx,
    call: &Call,
    kind: &'static str,
    subject: impl ToString,
    facts: Value,
) {
    let (id, workspace) = (EventId::from_uuid(inner.ids.uuid()), tx.workspace());
    let event = Event::of(call, id, inner.clock.now(), kind, subject);
    tx.emit(&Event { workspace: Some(workspace), payload: facts, ..event });
}
