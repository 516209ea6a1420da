//! Is this a code of the person's second factor? Each is good once.

use super::{recovery, totp::Secret};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    passkey::{self, step_up},
    user::User,
};
use chrono::{DateTime, Utc};
use proto::{Call, id::SessionId};
use store::Tx;

store::row! {
    pub(super) struct Factor {
        pub(super) secret: Vec<u8>,
        pub(super) created_at: DateTime<Utc>,
        pub(super) confirmed_at: Option<DateTime<Utc>>,
    }
}

/// What somebody shows as their second factor: a code, or a passkey.
#[derive(Clone, Copy)]
pub(crate) struct Shown<'a> {
    /// Of the app, or a recovery code.
    pub(crate) code: &'a str,
    /// As a browser writes it.
    pub(crate) passkey: &'a str,
    /// Where they are logged in already.
    pub(crate) session: Option<SessionId>,
}

impl<'a> Shown<'a> {
    /// On the way in.
    pub(crate) const fn at_the_door(code: &'a str, passkey: &'a str) -> Self {
        Self { code, passkey, session: None }
    }
}

/// When the second factor was shown, which is now; None for people who have none. What was shown is spent once the
/// transaction commits. Errors: [`Error::MfaRequired`] without a code, [`Error::MfaCodeInvalid`] and
/// [`Error::PasskeyInvalid`], [`Error::Throttled`].
pub(crate) async fn show(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    shown: Shown<'_>,
) -> Result<Option<DateTime<Utc>>, Error> {
    if user.mfa_enabled_at.is_none() && (shown.session.is_none() || shown.passkey.is_empty()) {
        return Ok(None);
    }
    let code = shown.code.trim();
    if code.is_empty() && shown.passkey.is_empty() {
        return Err(Error::MfaRequired { has_passkey: passkey::count(tx, user.id).await? > 0 });
    }
    let attempt = parts.throttle.admit_code(user.id).await?;
    let is_right = match code.is_empty() {
        true => step_up::show(tx, parts, user.id, shown.session, shown.passkey).await,
        false => is_right(tx, parts, call, user, code).await,
    };
    match is_right {
        Ok(true) => {
            attempt.succeeded().await;
            Ok(Some(parts.clock.now()))
        }
        Ok(false) => {
            attempt.failed().await;
            Err(if code.is_empty() { Error::PasskeyInvalid } else { Error::MfaCodeInvalid })
        }
        Err(error) => {
            attempt.unjudged().await;
            Err(error)
        }
    }
}

async fn is_right(tx: &mut Tx, parts: &Parts, call: &Call, user: &User, code: &str) -> Result<bool, Error> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    if digits.len() == 6 && digits.bytes().all(|c| c.is_ascii_digit()) {
        let Some(factor) = find(tx, user).await?.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(false);
        };
        let secret = Secret::open(&parts.sealer, &factor.secret, user.id)?;
        let Some(step) = secret.step_of(&digits, parts.clock.now())? else { return Ok(false) };
        return Ok(tx.execute(store::sql!("totp/spend"), &[user.id.into(), step.into()]).await? > 0);
    }
    if !recovery::spend(tx, user.id, code).await? {
        return Ok(false);
    }
    queue::notice(tx, parts, Kind::RecoveryCodeUsed, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.recovery_code_used", user));
    Ok(true)
}

/// The app of a person, in force or not.
pub(super) async fn find(tx: &mut Tx, user: &User) -> Result<Option<Factor>, Error> {
    Ok(tx.fetch_optional(store::sql!("totp/find"), &[user.id.into()]).await?)
}
