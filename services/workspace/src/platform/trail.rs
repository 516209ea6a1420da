//! What was done to the platform as a whole, in this service.

use crate::{Workspace, error::Error};
use proto::{
    Call,
    id::{EventId, ProviderId},
};
use serde_json::Value;
use store::{GlobalTx, outbox::Event, platform_audit};

/// Writes what the call did into the trail, and tells everybody who follows the feed, with the transaction.
pub(super) async fn record(
    service: &Workspace,
    tx: &mut GlobalTx,
    call: &Call,
    action: &'static str,
    subject: ProviderId,
    facts: Value,
) -> Result<(), Error> {
    let (id, at) = (EventId::from_uuid(service.ids.uuid()), service.clock.now());
    // An operator acts for the platform, whatever workspace their call may name.
    let event = Event { workspace: None, payload: facts, ..Event::of(call, id, at, action, subject) };
    Ok(platform_audit::record(tx, &event).await?)
}
