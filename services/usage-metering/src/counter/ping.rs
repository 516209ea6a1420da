//! Does Redis answer?

use super::redis::Epoch;
use crate::Error;
use ::redis::Client;
use host::config::Secret;
use std::time::Duration;
use store::Db;

/// Asks Redis once, on a connection of its own. For `doctor`.
/// Errors: [`Error::RedisUrl`], [`Error::CountersAway`].
pub async fn ping_redis(url: &Secret, patience: Duration) -> Result<(), Error> {
    let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
    let ping = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        ::redis::cmd("PING").query_async::<()>(&mut connection).await
    };
    match tokio::time::timeout(patience, ping).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) | Err(_) => Err(Error::CountersAway),
    }
}

/// Whether Redis has what was counted in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedisMemory {
    /// Nothing has been counted yet.
    New,
    /// It has.
    Kept,
    /// It has lost it, or is another Redis.
    Lost,
}

/// Whether this Redis is the one in which the counters of this database are. For `doctor`.
/// Errors: [`Error::RedisUrl`], [`Error::CountersAway`]; the database cannot be used.
pub async fn redis_memory(db: &Db, url: &Secret, patience: Duration) -> Result<RedisMemory, Error> {
    let Some(epoch) = Epoch::known(db).await? else { return Ok(RedisMemory::New) };
    let client = Client::open(url.expose()).map_err(|_| Error::RedisUrl)?;
    let get = async {
        let mut connection = client.get_multiplexed_async_connection().await?;
        ::redis::cmd("GET").arg(epoch.key()).query_async::<Option<String>>(&mut connection).await
    };
    match tokio::time::timeout(patience, get).await {
        Ok(Ok(found)) if found.as_ref() == Some(&epoch.epoch) => Ok(RedisMemory::Kept),
        Ok(Ok(_)) => Ok(RedisMemory::Lost),
        Ok(Err(_)) | Err(_) => Err(Error::CountersAway),
    }
}
