//! Notes what has ended by itself: nobody can use it any more, and its end is missing in the trail.

use crate::{Error, Parts, session};
use proto::{
    Call, Role,
    id::{RequestId, SessionId, UserId},
};
use store::GlobalTx;

store::row! {
    struct Dead {
        id: SessionId,
        user_id: UserId,
        reason: String,
    }
}

/// Ends them, each in a transaction of its own. Of two processes one does.
pub(crate) async fn sweep(parts: &Parts) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let dead: Vec<Dead> = tx.fetch_all(store::sql!("impersonation/dead"), &[parts.clock.now().into()]).await?;
    tx.commit().await?;
    for Dead { id, user_id, reason } in dead {
        let reason = match reason.as_str() {
            "expired" => "expired",
            "role_revoked" => "role_revoked",
            "operator_left" => "operator_left",
            "ended" => "ended",
            _ => "account_changed",
        };
        let call = Call::service(Role::Identity, RequestId::from_uuid(parts.ids.uuid()));
        let mut tx = GlobalTx::begin(&parts.db).await?;
        session::end::end_in(&mut tx, parts, &call, id, user_id, reason).await?;
        // Where the session is no more, or had ended before.
        super::end::note(&mut tx, parts, &call, id, reason).await?;
        tx.commit().await?;
    }
    Ok(())
}
