//! Somebody no longer acts for somebody. Answers `EndImpersonation`.

use super::Impersonation;
use crate::{Error, Parts, event, session};
use proto::{Call, id::SessionId, identity as pb};
use store::{GlobalTx, Tx};

/// Ends one, whoever began it; one that has ended stays as it is. Errors: [`Error::NotFound`].
pub(crate) async fn end(
    parts: &Parts,
    call: &Call,
    request: pb::EndImpersonationRequest,
) -> Result<pb::EndImpersonationResponse, Error> {
    let absent = || Error::NotFound("impersonation");
    let id: SessionId = request.id.parse().map_err(|_| absent())?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let one: Option<Impersonation> = tx.fetch_optional(store::sql!("impersonation/by_id"), &[id.into()]).await?;
    let one = one.ok_or_else(absent)?;
    session::end::end_in(&mut tx, parts, call, id, one.user_id, "ended").await?;
    tx.commit().await?;
    Ok(pb::EndImpersonationResponse {})
}

/// Notes that a session has ended, if it was one of somebody who acts for its person.
pub(crate) async fn note(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    session: SessionId,
    reason: &'static str,
) -> Result<(), Error> {
    let values = [session.into(), parts.clock.now().into(), reason.into()];
    let ended: Option<Impersonation> = tx.fetch_optional(store::sql!("impersonation/end"), &values).await?;
    if let Some(one) = ended {
        event::of_impersonation(tx, parts, call, "impersonation.ended", &one).await?;
    }
    Ok(())
}
