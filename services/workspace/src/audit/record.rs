//! One event of this service, written in the transaction of the change that it tells of.

use super::append::{New, append};
use crate::{Workspace, error::Error};
use proto::{
    Call,
    id::{EventId, WorkspaceId},
};
use serde_json::Value;
use store::{WorkspaceTx, outbox};

/// Who reports it, in `audit_events`.
const SOURCE: &str = "workspace";

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
    /// Writes it to the trail, and publishes it, with the transaction. `actor` is whoever did it: mostly the caller. Last of
    /// all but the commit: from here on who changes the same workspace waits.
    pub(crate) async fn emit(
        self,
        service: &Workspace,
        tx: &mut WorkspaceTx,
        call: &Call,
        actor: &str,
    ) -> Result<(), Error> {
        let workspace = tx.workspace();
        let event = self.event(service, workspace, call, actor);
        let new = New {
            id: event.id,
            source: SOURCE,
            position: 0,
            at: event.at,
            actor: event.actor.clone(),
            action: event.kind.to_owned(),
            subject: event.subject.clone(),
            request_id: event.request_id.clone(),
            details: event.told(),
        };
        append(service, tx, workspace, new).await?;
        tx.emit(&event);
        Ok(())
    }

    /// Publishes it only: it has no entry of its own in the trail, where what it follows from is. `feed.rs` leaves its kind
    /// out too.
    pub(crate) fn publish(self, service: &Workspace, tx: &mut WorkspaceTx, call: &Call) {
        let event = self.event(service, tx.workspace(), call, &call.actor());
        tx.emit(&event);
    }

    fn event(self, service: &Workspace, workspace: WorkspaceId, call: &Call, actor: &str) -> outbox::Event {
        outbox::Event {
            id: EventId::from_uuid(service.ids.uuid()),
            kind: self.kind,
            workspace: Some(workspace),
            subject: self.subject,
            actor: actor.to_owned(),
            impersonator: call.impersonation.map(|acting| acting.operator),
            at: service.clock.now(),
            request_id: call.request_id.to_string(),
            payload: self.payload,
        }
    }
}
