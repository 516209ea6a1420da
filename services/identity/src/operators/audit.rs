//! What was done to the platform as a whole?

use crate::Error;
use chrono::{DateTime, Utc};
use store::{Db, GlobalTx};

store::row! {
    /// One act.
    #[derive(Clone, Debug)]
    pub struct Record {
        /// When.
        pub at: DateTime<Utc>,
        /// By whom: `operator:<login>@host` or `usr_…`.
        pub actor: String,
        /// `user.platform_role_granted`
        pub action: String,
        /// The id of what it was done to.
        pub subject: String,
        /// The request that did it; empty on the host.
        pub request_id: String,
        /// What else there is to know, a JSON object.
        pub facts: serde_json::Value,
    }
}

/// The newest acts, the newest first. Errors: [`Error::Store`].
pub async fn audit(db: &Db, limit: u32) -> Result<Vec<Record>, Error> {
    let mut tx = GlobalTx::read(db).await?;
    let all = tx.fetch_all(store::sql!("platform_audit/list"), &[limit.into()]).await?;
    tx.commit().await?;
    Ok(all)
}
