//! How far another service's feed has been applied, so that a process goes on where an earlier one stopped.
//!
//! A service that follows a feed has the global table `feed_positions (source text primary key, position bigint not null)`.
//! Who begins to follow a kind of event that the release before passes by takes a source of its own for it: both run side by side.

use crate::{Db, Error, GlobalTx, Tx, sql};

/// After which position of the feed of `source` to go on: where this process is (`after`), or else where an earlier one stopped.
/// Errors: why the statement failed.
pub async fn start(db: &Db, source: &str, after: Option<i64>) -> Result<i64, Error> {
    if let Some(after) = after {
        return Ok(after);
    }
    let mut tx = GlobalTx::read(db).await?;
    let stored: Option<(i64,)> = tx.fetch_optional(sql!("feed/position"), &[source.into()]).await?;
    tx.commit().await?;
    Ok(stored.map_or(0, |(position,)| position))
}

/// Remembers, with what was done about it, that the event at `position` was applied. Whether it is news: another process may
/// have come further. Errors: why the statement failed.
pub async fn advance(tx: &mut Tx, source: &str, position: i64) -> Result<bool, Error> {
    Ok(tx.execute(sql!("feed/advance"), &[source.into(), position.into()]).await? > 0)
}

/// So many events apart a follower remembers how far it is where none of them concerned it.
const STEP: i64 = 1_000;

/// Remembers now and then that the event at `position` was passed by: who follows a feed for few kinds of its events would
/// otherwise read all of it again after a restart. Errors: why the statement failed.
pub async fn pass(db: &Db, source: &str, position: i64) -> Result<(), Error> {
    if position % STEP == 0 { keep(db, source, position).await } else { Ok(()) }
}

/// Remembers that the event at `position` was applied, in a transaction of its own: what was done about it may be done again.
/// Errors: why the statement failed.
pub async fn keep(db: &Db, source: &str, position: i64) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(db).await?;
    advance(&mut tx, source, position).await?;
    tx.commit().await
}
