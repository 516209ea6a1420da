//! Who are the operators?

use crate::Error;
use chrono::{DateTime, Utc};
use proto::id::UserId;
use store::{Db, GlobalTx};

store::row! {
    /// Somebody who operates the platform.
    #[derive(Clone, Debug)]
    pub struct Operator {
        /// Who.
        pub id: UserId,
        /// Their address.
        pub email: String,
        /// Their name.
        pub name: String,
        /// `admin` or `developer`.
        pub role: String,
        /// Since when.
        pub granted_at: DateTime<Utc>,
        /// By whom.
        pub granted_by: String,
    }
}

/// All of them, in the order in which they were named. Errors: [`Error::Store`].
pub async fn list(db: &Db) -> Result<Vec<Operator>, Error> {
    let mut tx = GlobalTx::read(db).await?;
    let all = tx.fetch_all(store::sql!("platform_role/list"), &[]).await?;
    tx.commit().await?;
    Ok(all)
}
