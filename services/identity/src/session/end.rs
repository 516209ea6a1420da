//! Ends a session. Everybody hears of it within a second, through the feed.

use crate::{Error, Parts, event, impersonation};
use proto::{
    Call,
    id::{SessionId, UserId},
};
use store::{GlobalTx, Tx};

/// Ends one session in a transaction of its own. One that has ended already stays as it is.
pub(crate) async fn end(
    parts: &Parts,
    call: &Call,
    session: SessionId,
    user: UserId,
    reason: &'static str,
) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    end_in(&mut tx, parts, call, session, user, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of a person.
pub(crate) async fn end_all(parts: &Parts, call: &Call, user: UserId, reason: &'static str) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    end_others(&mut tx, parts, call, user, None, reason).await?;
    tx.commit().await?;
    Ok(())
}

/// Ends all sessions of a person but one, in the transaction that is the reason for it.
pub(crate) async fn end_others(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: UserId,
    but: Option<SessionId>,
    reason: &'static str,
) -> Result<(), Error> {
    let live: Vec<(SessionId,)> = tx.fetch_all(store::sql!("session/live_of_user"), &[user.into()]).await?;
    for (session,) in live {
        if Some(session) != but {
            end_in(tx, parts, call, session, user, reason).await?;
        }
    }
    Ok(())
}

/// Ends one in the transaction that is the reason for it.
pub(crate) async fn end_in(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    session: SessionId,
    user: UserId,
    reason: &'static str,
) -> Result<(), Error> {
    let values = [session.into(), parts.clock.now().into(), reason.into()];
    if tx.execute(store::sql!("session/end"), &values).await? > 0 {
        tx.emit(&event::session_ended(parts, call, session, user, reason));
        impersonation::end::note(tx, parts, call, session, reason).await?;
    }
    Ok(())
}
