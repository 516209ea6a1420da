//! What was done to the platform as a whole, in this service.

use crate::{Workspace, error::Error};
use chrono::{DateTime, Utc};
use proto::{
    Call,
    id::{EventId, ProviderId},
};
use serde_json::Value;
use store::{Db, GlobalTx, outbox::Event, sql};

store::row! {
    /// One act.
    #[derive(Clone, Debug)]
    pub struct Act {
        /// When.
        pub at: DateTime<Utc>,
        /// By whom: `usr_…`.
        pub actor: String,
        /// `platform_provider.created`
        pub action: String,
        /// The id of what it was done to.
        pub subject: String,
        /// The request that did it.
        pub request_id: String,
        /// What else there is to know, a JSON object. Never a secret.
        pub facts: Value,
    }
}

/// The newest acts, the newest first. Errors: [`Error::Store`].
pub async fn platform_acts(db: &Db, limit: u32) -> Result<Vec<Act>, Error> {
    let mut tx = GlobalTx::read(db).await?;
    let all = tx.fetch_all(sql!("platform_audit/list"), &[limit.into()]).await?;
    tx.commit().await?;
    Ok(all)
}

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
    let values = [
        id.into(),
        at.into(),
        event.actor.as_str().into(),
        action.into(),
        event.subject.as_str().into(),
        event.request_id.as_str().into(),
        event.payload.clone().into(),
    ];
    tx.execute(sql!("platform_audit/insert"), &values).await?;
    tx.emit(&event);
    Ok(())
}
