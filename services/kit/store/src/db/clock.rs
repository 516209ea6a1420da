//! What time is it at the database?

use super::{Access, Db, Fence, Open};
use crate::Error;
use chrono::{DateTime, Utc};

impl Db {
    /// The database's own clock; None where it has none but this machine's. Errors: it does not answer.
    pub async fn clock(&self) -> Result<Option<DateTime<Utc>>, Error> {
        let Open::Postgres(mut tx) = self.begin(Fence::Global, Access::Read).await? else { return Ok(None) };
        // Behind a pooler a statement does not outlive its transaction.
        let asked = sqlx::query_scalar("select clock_timestamp()").persistent(false).fetch_one(&mut *tx).await;
        Ok(Some(asked.map_err(|e| self.failed(e))?))
    }
}
