//! Puts a second factor in force: its app has shown a right code. Answers `ConfirmTotp`.

use super::{code, recovery, totp::Secret};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    session::{self, end},
    user::User,
};
use chrono::TimeDelta;
use proto::{Call, identity as pb};
use store::GlobalTx;

/// For how long a secret waits for its first code.
const WAITS: TimeDelta = TimeDelta::minutes(15);

/// All other sessions end: they were opened without it. Errors: [`Error::NotFound`] where no app was set up lately,
/// [`Error::MfaCodeInvalid`].
pub(crate) async fn confirm(
    parts: &Parts,
    call: &Call,
    request: pb::ConfirmTotpRequest,
) -> Result<pb::ConfirmTotpResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let (user, now) = (found.user(), parts.clock.now());
    let absent = || Error::NotFound("authenticator app that waits for a code: set one up first");
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let factor = code::find(&mut tx, &user).await?.filter(|f| f.confirmed_at.is_none() && now < f.created_at + WAITS);
    let secret = Secret::open(&parts.sealer, &factor.ok_or_else(absent)?.secret, user.id)?;
    let digits: String = request.code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = secret.step_of(&digits, now)?.ok_or(Error::MfaCodeInvalid)?;
    if tx.execute(store::sql!("totp/confirm"), &[user.id.into(), now.into(), step.into()]).await? == 0 {
        return Err(absent());
    }
    let recovery_codes = recovery::renew(&mut tx, user.id).await?;
    tx.execute(store::sql!("user/set_mfa"), &[user.id.into(), now.into()]).await?;
    tx.execute(store::sql!("session/show_mfa"), &[session.into(), now.into()]).await?;
    end::end_others(&mut tx, parts, call, user.id, Some(session), "mfa_enabled").await?;
    queue::notice(&mut tx, parts, Kind::MfaEnabled, &user.email, user.id).await?;
    let user = User { mfa_enabled_at: Some(now), ..user };
    tx.emit(&event::of_user(parts, call, "user.mfa_enabled", &user));
    tx.commit().await?;
    Ok(pb::ConfirmTotpResponse { recovery_codes })
}
