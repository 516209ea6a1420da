//! Goes on with erasures whose process has died.

use super::finish;
use crate::{Error, Parts};
use chrono::TimeDelta;
use proto::{
    Call, Role,
    id::{RequestId, UserId},
};
use store::GlobalTx;

/// After a failure the next round waits for so long.
const RETRY: TimeDelta = TimeDelta::seconds(15);

/// Finishes what is due. Errors: of the database; who cannot be erased now is tried again later.
pub(crate) async fn round(parts: &Parts) -> Result<(), Error> {
    let now = parts.clock.now();
    let mut tx = GlobalTx::read(&parts.db).await?;
    let due: Vec<(UserId,)> = tx.fetch_all(store::sql!("erasure/due"), &[now.into()]).await?;
    tx.commit().await?;
    for (user,) in due {
        let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
        match finish::finish(parts, &call, user).await {
            Ok(()) => tracing::info!(user_id = %user, "completed an erasure"),
            // They own a workspace alone, or operate the platform, since they asked: they ask again when that is settled.
            Err(error) if finish::stays(&error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, user_id = %user, "somebody is not erased");
                finish::forget(parts, user).await?;
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, user_id = %user, "an erasure still waits");
                let mut tx = GlobalTx::begin(&parts.db).await?;
                tx.execute(store::sql!("erasure/postpone"), &[user.into(), (now + RETRY).into()]).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(())
}
