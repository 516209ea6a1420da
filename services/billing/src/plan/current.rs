//! Versions of plans as they are kept.

use super::Document;
use crate::Error;
use chrono::{DateTime, Utc};
use proto::{billing::Plan, time::to_proto};
use serde_json::Value;
use store::{Tx, sql};

store::row! {
    /// One version.
    struct PlanRow {
        version: i64,
        source: String,
        digest: String,
        data: Value,
        created_at: DateTime<Utc>,
    }
}

/// One version of a plan, read.
pub(crate) struct Kept {
    pub plan: Plan,
    /// `settings` or `operator`.
    pub source: String,
    pub digest: String,
}

/// The newest version of every plan. Errors: [`Error::Kept`], [`Error::Store`].
pub(crate) async fn all(tx: &mut Tx) -> Result<Vec<Kept>, Error> {
    let rows: Vec<PlanRow> = tx.fetch_all(sql!("plan/all"), &[]).await?;
    rows.into_iter().map(PlanRow::read).collect()
}

/// The newest version of one plan; None for a name that nobody has published.
pub(crate) async fn newest(tx: &mut Tx, name: &str) -> Result<Option<Kept>, Error> {
    let row: Option<PlanRow> = tx.fetch_optional(sql!("plan/newest"), &[name.into()]).await?;
    row.map(PlanRow::read).transpose()
}

impl PlanRow {
    fn read(self) -> Result<Kept, Error> {
        let document: Document = serde_json::from_value(self.data).map_err(|_| Error::Kept("a plan"))?;
        let version = i32::try_from(self.version).map_err(|_| Error::Kept("the version of a plan"))?;
        let plan = Plan { version, created_at: Some(to_proto(self.created_at)), ..document.into() };
        Ok(Kept { plan, source: self.source, digest: self.digest })
    }
}
