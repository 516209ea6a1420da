//! The second factor: an authenticator app, and recovery codes for whoever has lost it.
//!
//! Sensitive changes ask for one that was shown in the session just now: whoever has stolen a session has not stolen the
//! app. Operators of the platform are such only in sessions that have shown one, where the settings ask for it.

pub(crate) mod code;
pub(crate) mod confirm;
mod recovery;
pub(crate) mod remove;
pub(crate) mod renew;
pub(crate) mod set_up;
pub(crate) mod status;
pub(crate) mod step_up;
pub(crate) mod totp;

use crate::{Error, Parts, session, session::Found};
use chrono::TimeDelta;
use proto::id::{SessionId, UserId};
use store::Tx;

/// For so long what was shown counts as shown just now.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// Whether operators are such only with a second factor.
pub(crate) fn operators_need_it(parts: &Parts) -> bool {
    parts.config.operators_need_mfa.unwrap_or(true)
}

/// Whether somebody with a platform role has it in this session.
pub(crate) fn is_operators(parts: &Parts, found: &Found) -> bool {
    !operators_need_it(parts) || (found.mfa_at.is_some() && found.has_second_factor())
}

/// The calling session, if its person has no second factor or has shown it just now. Of operators a passkey counts as one: their
/// password alone makes no other. Errors: [`Error::StepUpRequired`], [`Error::SessionEnded`].
pub(crate) async fn fresh(parts: &Parts, session: SessionId) -> Result<Found, Error> {
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let user = found.user();
    let has_one = user.mfa_enabled_at.is_some() || (found.passkeys > 0 && user.platform_role.is_some());
    if has_one && !is_fresh(parts, &found) {
        return Err(Error::StepUpRequired);
    }
    Ok(found)
}

/// The calling session, if its person has said just now who they are: by a second factor, or by opening the session.
/// Errors: [`Error::StepUpRequired`], [`Error::SignInAgain`], [`Error::SessionEnded`].
pub(crate) async fn signed_in_just_now(parts: &Parts, session: SessionId) -> Result<Found, Error> {
    let found = fresh(parts, session).await?;
    // Without an app somebody may have shown a passkey.
    if !is_fresh(parts, &found) && parts.clock.now() >= found.opened_at + FRESH {
        return Err(Error::SignInAgain);
    }
    Ok(found)
}

/// Goes on if a second factor was shown in the session just now, whether anything else asks for one or not. Errors:
/// [`Error::StepUpRequired`].
pub(crate) fn shown_just_now(parts: &Parts, found: &Found) -> Result<(), Error> {
    if is_fresh(parts, found) { Ok(()) } else { Err(Error::StepUpRequired) }
}

fn is_fresh(parts: &Parts, found: &Found) -> bool {
    found.mfa_at.is_some_and(|at| parts.clock.now() < at + FRESH)
}

/// Takes an account's second factor away, in the transaction that is the reason for it. Sessions go on.
pub(crate) async fn clear(tx: &mut Tx, user: UserId) -> Result<(), Error> {
    tx.execute(store::sql!("totp/remove"), &[user.into()]).await?;
    tx.execute(store::sql!("recovery_code/remove"), &[user.into()]).await?;
    let changed = tx.execute(store::sql!("user/set_mfa"), &[user.into(), store::Value::Time(None)]).await?;
    if changed == 0 { Err(Error::SessionEnded) } else { Ok(()) }
}
