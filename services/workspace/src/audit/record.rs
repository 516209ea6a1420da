//! One event of this service, written in the transaction of the change that it tells of.

use crate::Workspace;
use proto::{Call, id::EventId};
use serde_json::Value;
use store::{WorkspaceTx, outbox};

/// What happened, to what. Never a secret: the payload is read by every service, and kept.
pub(crate) struct Record {
    /// `<noun>.<verb in the past>`
    pub(crate) kind: &'static str,
    /// The id of the thing that it happened to.
    pub(crate) subject: String,
    /// Facts, a JSON object.
    pub(crate) payload: Value,
}

impl Record {
    /// Publishes it with the transaction. `actor` is whoever did it: mostly the caller.
    pub(crate) fn emit(self, service: &Workspace, tx: &mut WorkspaceTx, call: &Call, actor: &str) {
        let workspace = tx.workspace();
        tx.emit(&outbox::Event {
            id: EventId::from_uuid(service.ids.uuid()),
            kind: self.kind,
            workspace: Some(workspace),
            subject: self.subject,
            actor: actor.to_owned(),
            at: service.clock.now(),
            request_id: call.request_id.to_string(),
            payload: self.payload,
        });
    }
}
