//! Signs in with a passkey, without a name. Answers `BeginPasskeySignIn` and `SignInWithPasskey`.
//!
//! Whatever is wrong with what somebody shows is one answer. What is asked is the same for everybody, so nobody learns who
//! has a passkey.

use super::{
    assertion::{self, Answer, Refusal},
    challenge::{self, Purpose},
};
use crate::{
    Error, Parts, event,
    session::{answer::Answer as Opened, enter::enter},
    user::User,
};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::Throttled`], [`Error::NoPasskeys`].
pub(crate) async fn begin(parts: &Parts, call: &Call) -> Result<pb::BeginPasskeySignInResponse, Error> {
    let relying_party = parts.relying_party()?;
    // Each leaves a row for five minutes.
    parts.throttle.admit_sign_in(call.client).await?;
    let (asked, state) = relying_party
        .start_discoverable_authentication()
        .map_err(|why| Error::Internal(format!("a passkey could not be asked for: {why}")))?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    challenge::keep(&mut tx, parts, Purpose::SignIn, &asked.public_key.challenge, &state).await?;
    tx.commit().await?;
    Ok(pb::BeginPasskeySignInResponse { options: super::options(&asked.public_key)?.to_string() })
}

/// The device has verified its owner: both factors are shown. Errors: [`Error::PasskeyRefused`], [`Error::Throttled`].
pub(crate) async fn finish(parts: &Parts, call: &Call, request: pb::SignInWithPasskeyRequest) -> Result<Opened, Error> {
    parts.relying_party()?;
    let attempt = parts.throttle.admit_callback(call.client).await?;
    let judged = judge(parts, call, &request.credential).await;
    if let Some(attempt) = attempt {
        match &judged {
            Ok(_) => attempt.succeeded().await,
            Err(Error::PasskeyRefused) => attempt.failed().await,
            Err(_) => attempt.unjudged().await,
        }
    }
    enter(parts, call, &judged?, None, Some(parts.clock.now())).await
}

async fn judge(parts: &Parts, call: &Call, text: &str) -> Result<User, Error> {
    let answer = assertion::read(text).map_err(|refusal| refused(&refusal))?;
    // In a transaction of its own: whatever comes of it, what was asked is answered.
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let asked = assertion::take(&mut tx, parts, Purpose::SignIn, &answer).await?;
    tx.commit().await?;
    let asked = asked.map_err(|refusal| refused(&refusal))?;

    let mut tx = GlobalTx::begin(&parts.db).await?;
    let user = match assertion::judge(&mut tx, parts, asked, &answer, None).await? {
        Ok(user) => user,
        Err(refusal) => {
            drop(tx);
            if matches!(refusal, Refusal::Copied) {
                tell(parts, call, &answer).await?;
            }
            return Err(refused(&refusal));
        }
    };
    let user: Option<User> = tx.fetch_optional(store::sql!("user/by_id"), &[user.into()]).await?;
    let may_enter =
        |user: &User| user.disabled_at.is_none() && !(parts.verifies_first && user.email_verified_at.is_none());
    let user = user.filter(may_enter).ok_or(Error::PasskeyRefused)?;
    tx.commit().await?;
    Ok(user)
}

/// Writes into the trail that there may be a copy of somebody's passkey.
async fn tell(parts: &Parts, call: &Call, answer: &Answer) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&parts.db).await?;
    if let Some(owner) = assertion::owner(&mut tx, answer).await? {
        tx.emit(&event::of_user(parts, call, "user.passkey_refused", &owner));
    }
    tx.commit().await?;
    Ok(())
}

fn refused(refusal: &Refusal) -> Error {
    tracing::info!(why = %refusal, "a passkey opens no account");
    Error::PasskeyRefused
}
