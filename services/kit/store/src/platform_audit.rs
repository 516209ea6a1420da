//! What operators did to the platform as a whole, in one service: what happens in a workspace is in that workspace's own trail.
//!
//! A service that records it has the global table `platform_audit (id uuid primary key, at, actor text, action text, subject text,
//! request_id text, facts json)`, to which rows are only added.

use crate::{Db, Error, GlobalTx, Tx, outbox::Event, sql};
use chrono::{DateTime, Utc};
use serde_json::Value;

crate::row! {
    /// One act.
    #[derive(Clone, Debug)]
    pub struct Act {
        /// When.
        pub at: DateTime<Utc>,
        /// By whom: `usr_…`, or `operator:<login>@host`.
        pub actor: String,
        /// `plan.published`
        pub action: String,
        /// The id of what it was done to.
        pub subject: String,
        /// The request that did it; empty on the host.
        pub request_id: String,
        /// What else there is to know, a JSON object. Never a secret.
        pub facts: Value,
    }
}

/// Writes what an event says into the trail, and tells everybody who follows the feed, both with the transaction. Errors: why the
/// statement failed.
pub async fn record(tx: &mut Tx, event: &Event) -> Result<(), Error> {
    let facts: Value = serde_json::from_str(&event.told()).unwrap_or_default();
    let values = [
        event.id.into(),
        event.at.into(),
        event.actor.as_str().into(),
        event.kind.into(),
        event.subject.as_str().into(),
        event.request_id.as_str().into(),
        facts.into(),
    ];
    tx.execute(sql!("platform_audit/insert"), &values).await?;
    tx.emit(event);
    Ok(())
}

/// The newest acts, the newest first. Errors: why the statement failed.
pub async fn acts(db: &Db, limit: u32) -> Result<Vec<Act>, Error> {
    let mut tx = GlobalTx::read(db).await?;
    let all = tx.fetch_all(sql!("platform_audit/list"), &[limit.into()]).await?;
    tx.commit().await?;
    Ok(all)
}
