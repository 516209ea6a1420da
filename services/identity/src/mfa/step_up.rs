//! Shows a code or a passkey in a session that is open, for what needs one that was shown just now. Answers `StepUp`.

use super::code::{self, Shown};
use crate::{Error, Parts, event, session};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::NotFound`] without a second factor, [`Error::MfaCodeInvalid`] and [`Error::PasskeyInvalid`], [`Error::Throttled`].
pub(crate) async fn step_up(
    parts: &Parts,
    call: &Call,
    request: pb::StepUpRequest,
) -> Result<pb::StepUpResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let user = found.user();
    if !found.has_second_factor() || (user.mfa_enabled_at.is_none() && request.passkey.is_empty()) {
        return Err(Error::NotFound("second factor"));
    }
    let what = Shown { code: &request.code, passkey: &request.passkey, session: Some(session) };
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let shown = code::show(&mut tx, parts, call, &user, what).await?;
    tx.execute(store::sql!("session/show_mfa"), &[session.into(), shown.into()]).await?;
    tx.emit(&event::session_stepped_up(parts, call, session, user.id));
    tx.commit().await?;
    Ok(pb::StepUpResponse {})
}
