//! Removes a passkey. Answers `RemovePasskey`.

use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    linked, mfa,
    session::end,
};
use proto::{Call, id::PasskeyId, identity as pb};
use store::GlobalTx;

/// The other sessions end: whoever has lost a device has lost what it opened. Errors: [`Error::NotFound`],
/// [`Error::StepUpRequired`], [`Error::SignInAgain`], [`Error::LastWayIn`].
pub(crate) async fn remove(
    parts: &Parts,
    call: &Call,
    request: pb::RemovePasskeyRequest,
) -> Result<pb::RemovePasskeyResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let user = mfa::signed_in_just_now(parts, session).await?.user();
    let absent = || Error::NotFound("passkey among yours");
    let id: PasskeyId = request.id.parse().map_err(|_| absent())?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("user/lock"), &[user.id.into()]).await?;
    if tx.execute(store::sql!("passkey/delete"), &[id.into(), user.id.into()]).await? == 0 {
        return Err(absent());
    }
    if !linked::is_open(&mut tx, parts, user.id).await? {
        return Err(Error::LastWayIn { has_letters: parts.letters.is_some() });
    }
    end::end_others(&mut tx, parts, call, user.id, Some(session), "passkey_removed").await?;
    queue::notice(&mut tx, parts, Kind::PasskeyRemoved, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.passkey_removed", &user));
    tx.commit().await?;
    Ok(pb::RemovePasskeyResponse {})
}
