//! Is this a code of the person's second factor? Each is good once.

use super::{recovery, totp::Secret};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    user::User,
};
use chrono::{DateTime, Utc};
use proto::Call;
use store::Tx;

store::row! {
    pub(super) struct Factor {
        pub(super) secret: Vec<u8>,
        pub(super) created_at: DateTime<Utc>,
        pub(super) confirmed_at: Option<DateTime<Utc>>,
    }
}

/// When the second factor was shown, which is now; None for people who have none. What was shown is spent once the
/// transaction commits. Errors: [`Error::MfaRequired`] without a code, [`Error::MfaCodeInvalid`], [`Error::Throttled`].
pub(crate) async fn show(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    code: &str,
) -> Result<Option<DateTime<Utc>>, Error> {
    if user.mfa_enabled_at.is_none() {
        return Ok(None);
    }
    let code = code.trim();
    if code.is_empty() {
        return Err(Error::MfaRequired);
    }
    let attempt = parts.throttle.admit_code(user.id).await?;
    match is_right(tx, parts, call, user, code).await {
        Ok(true) => {
            attempt.succeeded().await;
            Ok(Some(parts.clock.now()))
        }
        Ok(false) => {
            attempt.failed().await;
            Err(Error::MfaCodeInvalid)
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
