//! Ends the keys of somebody who is no member any more. Service accounts are nobody's, and stay.

use crate::{Error, Parts};
use chrono::{DateTime, Utc};
use proto::{
    feed,
    id::{EventId, KeyId, UserId},
};
use serde_json::json;
use store::{WorkspaceTx, outbox::Event};

store::row! {
    struct Ended {
        id: KeyId,
        name: String,
        prefix: String,
    }
}

/// Ends those that they made before they left, because of `event`.
pub(crate) async fn revoke(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    user: UserId,
    left: DateTime<Utc>,
    event: &feed::Event,
) -> Result<(), Error> {
    let now = parts.clock.now();
    let workspace = tx.workspace();
    let values = [workspace.into(), user.into(), left.into(), now.into()];
    let ended: Vec<Ended> = tx.fetch_all(store::sql!("api_key/revoke_of_member"), &values).await?;
    for Ended { id, name, prefix } in ended {
        tx.emit(&Event {
            id: EventId::from_uuid(parts.ids.uuid()),
            kind: "api_key.revoked",
            workspace: Some(workspace),
            subject: id.to_string(),
            actor: event.actor.clone(),
            at: now,
            request_id: event.request_id.clone(),
            payload: json!({ "name": name, "prefix": prefix, "reason": event.kind }),
        });
    }
    Ok(())
}
