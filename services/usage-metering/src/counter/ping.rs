//! Does Redis answer?

use crate::Error;
use ::redis::Client;
use host::config::Secret;
use std::time::Duration;

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
