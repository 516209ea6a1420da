//! Do ledger, roll-ups, counters and a provider's own figures agree, and how are those mended that follow the ledger?
//!
//! For commands on the host, beside a running server or without one. The ledger is the record: it is compared with;
//! re-rating alone adds rows to it.

mod counters;
mod journal;
mod moved;
mod provider;
mod re_rate;
mod rollups;

pub use counters::{compare_counters, rebuild_counters};
pub use journal::unfolded;
pub use moved::{fold, keep_exports, months};
pub use provider::compare_provider;
pub use re_rate::{ReRate, ReRated, re_rate};
pub use rollups::{compare_rollups, minutes_from, rebuild_rollups};

use crate::{Error, read::Period};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use proto::id::WorkspaceId;
use serde::Serialize;
use std::time::Duration;
use store::{Db, Sql, SystemTx, Value, sql};
use uuid::Uuid;

const WORKSPACES: Sql = sql!("offline/workspaces");

/// What is committed is counted within this time.
const SETTLES: Duration = Duration::from_secs(2);

/// What to look at: whole days of UTC.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    /// The first day.
    pub first: NaiveDate,
    /// The last day.
    pub last: NaiveDate,
    /// Only this one.
    pub workspace: Option<WorkspaceId>,
}

/// One figure on which two records differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// What is compared with the ledger: `minutes`, `quarters`, `spans` (hours and days), `counters` or `provider`.
    pub with: &'static str,
    /// `ws_…`; empty for a provider's figures, which know no workspace.
    pub workspace: String,
    /// When and of what, as far as the record tells.
    pub of: String,
    /// `input_tokens` and the like.
    pub figure: String,
    /// What the ledger says.
    pub ledger: i64,
    /// What the other one says.
    pub found: i64,
}

impl Scope {
    fn days(&self) -> impl Iterator<Item = NaiveDate> + use<> {
        let last = self.last;
        self.first.iter_days().take_while(move |day| *day <= last)
    }

    /// Who is meant. Errors: the database cannot be used.
    async fn workspaces(&self, db: &Db) -> Result<Vec<WorkspaceId>, Error> {
        if let Some(workspace) = self.workspace {
            return Ok(vec![workspace]);
        }
        let mut tx = SystemTx::read(db, "compare usage").await?;
        let rows: Vec<(Uuid,)> = tx.fetch_all(WORKSPACES, &[]).await?;
        Ok(rows.into_iter().map(|(id,)| WorkspaceId::from_uuid(id)).collect())
    }
}

/// `$1` to `$5` of the statements that look at a day.
fn values(workspace: WorkspaceId, day: NaiveDate) -> [Value; 5] {
    let period = Period { from: midnight(day), to: midnight(day.checked_add_days(Days::new(1)).unwrap_or(day)) };
    [workspace.into(), period.least_id().into(), period.beyond_id().into(), period.from.into(), period.to.into()]
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}
