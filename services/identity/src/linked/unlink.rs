//! Ends a link. Answers `UnlinkIdentity`.

use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    mfa,
};
use proto::{Call, id::IdentityId, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::NotFound`], [`Error::StepUpRequired`], [`Error::SignInAgain`], [`Error::LastWayIn`].
pub(crate) async fn unlink(
    parts: &Parts,
    call: &Call,
    request: pb::UnlinkIdentityRequest,
) -> Result<pb::UnlinkIdentityResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let user = mfa::signed_in_just_now(parts, session).await?.user();
    let absent = || Error::NotFound("identity among yours");
    let id: IdentityId = request.id.parse().map_err(|_| absent())?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("user/lock"), &[user.id.into()]).await?;
    if tx.execute(store::sql!("user_identity/delete"), &[id.into(), user.id.into()]).await? == 0 {
        return Err(absent());
    }
    if !super::is_open(&mut tx, parts, user.id).await? {
        return Err(Error::LastWayIn { has_letters: parts.letters.is_some() });
    }
    queue::notice(&mut tx, parts, Kind::IdentityUnlinked, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.identity_unlinked", &user));
    tx.commit().await?;
    Ok(pb::UnlinkIdentityResponse {})
}
