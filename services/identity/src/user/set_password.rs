//! Sets another password: by a link in a letter, or by knowing the one of before. Answers `ForgotPassword`,
//! `ResetPassword` and `ChangePassword`.

use super::{
    User,
    confirm::{self, Password},
};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
    linked::{self, Ending},
    mfa,
    password::{
        check::{self, Owner},
        hash::Verdict,
    },
    session::{Found, end, magic_link},
    throttle::{self, Attempt},
    token::one_time,
};
use proto::{
    Call,
    id::{SessionId, UserId},
    identity as pb,
};
use store::{GlobalTx, Tx};
use zeroize::Zeroizing;

/// Queues the letter, whoever it is to.
pub(crate) async fn forgot(
    parts: &Parts,
    request: pb::ForgotPasswordRequest,
) -> Result<pb::ForgotPasswordResponse, Error> {
    magic_link::ask(parts, Kind::ResetPassword, &request.email).await?;
    Ok(pb::ForgotPasswordResponse {})
}

/// Sets the password with the token of a link, and ends every session and every link to an account elsewhere. A password that is refused spends nothing.
pub(crate) async fn reset(
    parts: &Parts,
    call: &Call,
    mut request: pb::ResetPasswordRequest,
) -> Result<pb::ResetPasswordResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    // Looked at first and spent later: no row may be locked for as long as a hash takes, and nobody without a token gets
    // one worked out.
    let mut look = GlobalTx::begin(&parts.db).await?;
    let user = take(&mut look, parts, &request.token).await?;
    drop(look);
    accept(parts, &password, &user).await?;
    let hash = parts.hasher.hash(password.clone()).await?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let user = take(&mut tx, parts, &request.token).await?;
    let user = confirm::confirm(&mut tx, parts, call, user, Password::Unknown).await?;
    // Whoever forgot the password may have lost it to somebody who made themselves another way in.
    linked::clear(&mut tx, parts, call, &user, Ending::All).await?;
    set(&mut tx, parts, call, &user, hash, None).await?;
    tx.commit().await?;
    Ok(pb::ResetPasswordResponse {})
}

/// Whose token it is. It is spent once the transaction commits.
async fn take(tx: &mut Tx, parts: &Parts, token: &str) -> Result<User, Error> {
    let of = one_time::take(tx, token, &[Kind::ResetPassword], parts.clock.now()).await?;
    confirm::holder(tx, &of).await
}

/// Sets the caller's password. Errors: [`Error::LoginFailed`] if they do not know the one of before.
pub(crate) async fn change(
    parts: &Parts,
    call: &Call,
    mut request: pb::ChangePasswordRequest,
) -> Result<pb::ChangePasswordResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let current = Zeroizing::new(std::mem::take(&mut request.current_password));
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let user = step_up(parts, call, current).await?.user();
    accept(parts, &password, &user).await?;
    let hash = parts.hasher.hash(password).await?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    set(&mut tx, parts, call, &user, hash, Some(session)).await?;
    tx.commit().await?;
    Ok(pb::ChangePasswordResponse {})
}

/// Refuses a password that is too weak for its owner. Errors: [`Error::WeakPassword`].
async fn accept(parts: &Parts, password: &str, user: &User) -> Result<(), Error> {
    let installation = &parts.config.totp_issuer;
    let owner = Owner { email: &user.email, name: &user.name, locale: &user.locale, installation };
    check::check(&parts.hasher, password, &owner, parts.config.password.min_score).await
}

/// The calling session, if its person has shown their second factor just now, where they have one, and knows their
/// password. Errors: [`Error::StepUpRequired`], [`Error::LoginFailed`], [`Error::Throttled`].
pub(crate) async fn step_up(parts: &Parts, call: &Call, password: Zeroizing<String>) -> Result<Found, Error> {
    let (user, session) = call.user().map_err(Error::caller)?;
    let found = mfa::fresh(parts, session).await?;
    let is_known = throttle::is_known(parts, call, Some(user)).await?;
    let attempt = Attempt { account: &user.to_string(), client: call.client, is_known };
    let attempt = parts.throttle.admit(&attempt).await?;
    match knows(parts, user, password).await {
        Ok(true) => {
            attempt.succeeded().await;
            Ok(found)
        }
        Ok(false) => {
            attempt.failed().await;
            Err(Error::LoginFailed)
        }
        Err(error) => {
            attempt.unjudged().await;
            Err(error)
        }
    }
}

async fn knows(parts: &Parts, user: UserId, password: Zeroizing<String>) -> Result<bool, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let kept: Option<(String,)> = tx.fetch_optional(store::sql!("user/password_hash"), &[user.into()]).await?;
    tx.commit().await?;
    if password.len() > check::MAX_BYTES {
        return Ok(false);
    }
    Ok(parts.hasher.verify(password, kept.map(|(hash,)| hash)).await? != Verdict::Wrong)
}

/// Writes it, ends the sessions but one, forgets all links that are under way, and tells the owner.
async fn set(
    tx: &mut Tx,
    parts: &Parts,
    call: &Call,
    user: &User,
    hash: String,
    but: Option<SessionId>,
) -> Result<(), Error> {
    if tx.execute(store::sql!("user/set_password"), &[user.id.into(), hash.into()]).await? == 0 {
        return Err(Error::SessionEnded);
    }
    tx.execute(store::sql!("one_time_token/forget"), &[user.id.into()]).await?;
    end::end_others(tx, parts, call, user.id, but, "password_changed").await?;
    queue::notice(tx, parts, Kind::PasswordChanged, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.password_changed", user));
    Ok(())
}
