//! Ends the keys of somebody who is no member any more, and all keys of a workspace that was deleted. Service accounts are
//! nobody's, and go with their workspace only.

use crate::{Error, Parts};
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

/// Ends those that were made before `event`, because of it: of this person, or all.
pub(crate) async fn revoke(
    tx: &mut WorkspaceTx,
    parts: &Parts,
    person: Option<UserId>,
    event: &feed::Event,
) -> Result<(), Error> {
    let now = parts.clock.now();
    let before = event.at.and_then(proto::time::from_proto).unwrap_or(now);
    let workspace = tx.workspace();
    let ended: Vec<Ended> = match person {
        Some(person) => {
            let values = [workspace.into(), person.into(), before.into(), now.into()];
            tx.fetch_all(store::sql!("api_key/revoke_of_member"), &values).await?
        }
        None => {
            let values = [workspace.into(), before.into(), now.into()];
            tx.fetch_all(store::sql!("api_key/revoke_of_workspace"), &values).await?
        }
    };
    for Ended { id, name, prefix } in ended {
        tx.emit(&Event {
            id: EventId::from_uuid(parts.ids.uuid()),
            kind: "api_key.revoked",
            workspace: Some(workspace),
            subject: id.to_string(),
            actor: event.actor.clone(),
            impersonator: None,
            at: now,
            request_id: event.request_id.clone(),
            payload: json!({ "name": name, "prefix": prefix, "reason": event.kind }),
        });
    }
    Ok(())
}
