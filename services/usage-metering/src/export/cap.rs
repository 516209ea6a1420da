//! How many letters may a workspace still send today?

use crate::{Error, service::Inner};
use chrono::{DateTime, Days, NaiveTime, Utc};
use proto::id::WorkspaceId;
use store::{Sql, WorkspaceTx, sql};

const TAKE: Sql = sql!("export_gate/mail");
const MAILED: Sql = sql!("export_gate/mailed");

/// Takes one of them. False: all of today are used, and the next is there at [`tomorrow`]. A letter that does not leave counts
/// too: a server that is away is asked no more often than one that is there. Errors: the database failed.
pub(super) async fn take(inner: &Inner, workspace: WorkspaceId) -> Result<bool, Error> {
    let most = inner.config.letters.per_day;
    if most == 0 {
        return Ok(false);
    }
    let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
    let values = [workspace.into(), day(inner.clock.now()).into(), most.into()];
    let taken = tx.execute(TAKE, &values).await? > 0;
    tx.commit().await?;
    Ok(taken)
}

/// Whether all of today are used. Errors: the database failed.
pub(super) async fn is_used_up(inner: &Inner, workspace: WorkspaceId) -> Result<bool, Error> {
    let mut tx = WorkspaceTx::read(&inner.db, workspace).await?;
    let values = [workspace.into(), day(inner.clock.now()).into()];
    let mailed: Option<(i64,)> = tx.fetch_optional(MAILED, &values).await?;
    Ok(mailed.map_or(0, |(mailed,)| mailed) >= i64::from(inner.config.letters.per_day))
}

/// When the next day begins, in UTC.
pub(super) fn tomorrow(now: DateTime<Utc>) -> DateTime<Utc> {
    (now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}

fn day(now: DateTime<Utc>) -> String {
    now.date_naive().to_string()
}
