//! Opens a session for an address and a password.
//!
//! Unknown address, wrong password and disabled account are one answer after the same work.

use super::{answer::Answer, enter::enter, open::Renewal};
use crate::{
    Error, Parts,
    input::Problems,
    letter::{
        Kind,
        queue::{About, queue},
    },
    mfa::code::{self, Shown},
    password::{check::MAX_BYTES, hash::Verdict},
    throttle::{self, Attempt},
    user::{User, email},
};
use chrono::{DateTime, Utc};
use proto::{Call, id::UserId, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

store::row! {
    /// A person with what login needs.
    struct Account {
        id: UserId,
        email: String,
        name: String,
        locale: String,
        created_at: DateTime<Utc>,
        disabled_at: Option<DateTime<Utc>>,
        email_verified_at: Option<DateTime<Utc>>,
        mfa_enabled_at: Option<DateTime<Utc>>,
        platform_role: Option<String>,
        password_hash: String,
    }
}

/// Answers `Login`. Errors: [`Error::LoginFailed`], [`Error::Throttled`] after failures; once the password is right,
/// [`Error::MfaRequired`] and [`Error::MfaCodeInvalid`].
pub(crate) async fn login(parts: &Parts, call: &Call, mut request: pb::LoginRequest) -> Result<Answer, Error> {
    let mut password = Zeroizing::new(std::mem::take(&mut request.password));
    let mut problems = Problems::default();
    for (field, text) in [("email", request.email.as_str()), ("password", password.as_str())] {
        if text.is_empty() {
            problems.missing(field, "is required");
        }
    }
    problems.none()?;

    let mut account = find(parts, &request.email).await?;
    if password.len() > MAX_BYTES {
        // No account has such a password; hashing it would cost more than hashing any other.
        (account, password) = (None, Zeroizing::default());
    }
    let (user, renewal) = judge(parts, call, &request.email, password, account.as_ref()).await?;
    if parts.verifies_first && user.email_verified_at.is_none() {
        // Of an account from before this was asked for: the letter says what to do, and the answer says nothing.
        let mut tx = GlobalTx::begin(&parts.db).await?;
        let about = About { user: Some(user.id), ..About::default() };
        queue(&mut tx, parts, Kind::VerifyEmail, &user.email, about).await?;
        tx.commit().await?;
        return Err(Error::LoginFailed);
    }
    let mut mfa_at = None;
    if user.mfa_enabled_at.is_some() {
        let mut tx = GlobalTx::begin(&parts.db).await?;
        mfa_at = code::show(&mut tx, parts, call, &user, Shown::at_the_door(&request.totp, &request.passkey)).await?;
        tx.commit().await?;
    }
    enter(parts, call, &user, renewal, mfa_at).await
}

/// Compares the password, if it is time for another try.
async fn judge(
    parts: &Parts,
    call: &Call,
    address: &str,
    password: Zeroizing<String>,
    account: Option<&Account>,
) -> Result<(User, Option<Renewal>), Error> {
    let is_known = throttle::is_known(parts, call, account.map(|account| account.id)).await?;
    let attempt = Attempt { account: &email::normal(address), client: call.client, is_known };
    let attempt = parts.throttle.admit(&attempt).await?;
    let outcome = verify(parts, password, account).await;
    match &outcome {
        Ok(_) => attempt.succeeded().await,
        Err(Error::LoginFailed) => attempt.failed().await,
        Err(_) => attempt.unjudged().await,
    }
    outcome
}

/// The account of an address. A text that is no address has none, and is not shown to the database.
async fn find(parts: &Parts, address: &str) -> Result<Option<Account>, Error> {
    let address = email::normal(address);
    if email::check(&address).is_err() {
        return Ok(None);
    }
    let mut tx = GlobalTx::read(&parts.db).await?;
    let account = tx.fetch_optional::<Account>(store::sql!("user/by_email"), &[address.into()]).await?;
    tx.commit().await?;
    Ok(account)
}

async fn verify(
    parts: &Parts,
    password: Zeroizing<String>,
    account: Option<&Account>,
) -> Result<(User, Option<Renewal>), Error> {
    let verdict = parts.hasher.verify(password, account.map(|a| a.password_hash.clone())).await?;
    let (Some(account), Verdict::Right { renewed }) = (account, verdict) else { return Err(Error::LoginFailed) };
    if account.disabled_at.is_some() {
        return Err(Error::LoginFailed);
    }
    let renewal = renewed.map(|to| Renewal { from: account.password_hash.clone(), to });
    let user = User {
        id: account.id,
        email: account.email.clone(),
        name: account.name.clone(),
        locale: account.locale.clone(),
        created_at: account.created_at,
        disabled_at: None,
        email_verified_at: account.email_verified_at,
        mfa_enabled_at: account.mfa_enabled_at,
        platform_role: account.platform_role.clone(),
    };
    Ok((user, renewal))
}
