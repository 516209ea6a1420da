//! Somebody asks to be erased. Answers `EraseMe`.

use super::finish;
use crate::{
    Error, Parts,
    input::Problems,
    mfa,
    password::hash,
    session::{self, Found},
    user::{User, email, set_password},
};
use chrono::TimeDelta;
use proto::{Call, id::UserId, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

/// For so long the sweep leaves it to the request.
const GRACE: TimeDelta = TimeDelta::seconds(30);

/// They are gone when this returns. Errors: [`Error::StepUpRequired`], [`Error::SignInAgain`], [`Error::LoginFailed`] for a wrong
/// password, [`Error::Throttled`], `REFUSED_VALUE` for an address that is not theirs, [`Error::Operates`], `LAST_OWNER`: they stay
/// then. [`Error::ErasureGoesOn`] where a service is away.
pub(crate) async fn ask(
    parts: &Parts,
    call: &Call,
    mut request: pb::EraseMeRequest,
) -> Result<pb::EraseMeResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let user = who(parts, call, &request.email, password).await?;
    if user.platform_role.is_some() {
        return Err(Error::Operates);
    }
    let now = parts.clock.now();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    tx.execute(store::sql!("erasure/insert"), &[user.id.into(), now.into(), (now + GRACE).into()]).await?;
    tx.commit().await?;
    match finish::finish(parts, call, user.id).await {
        Ok(()) => Ok(pb::EraseMeResponse { user_id: user.id.to_string(), erased_at: Some(proto::time::to_proto(now)) }),
        // Nobody is erased behind the back of somebody who was told that they stay.
        Err(error) if finish::stays(&error) => {
            finish::forget(parts, user.id).await?;
            Err(error)
        }
        // They may have left their workspaces already: it cannot be taken back.
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, user_id = %user.id, "an erasure waits");
            Err(Error::ErasureGoesOn)
        }
    }
}

/// The calling person, if they show again who they are and name their address.
async fn who(parts: &Parts, call: &Call, address: &str, password: Zeroizing<String>) -> Result<User, Error> {
    let (id, session) = call.user().map_err(Error::caller)?;
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    found.check(parts)?;
    let mut problems = Problems::default();
    if address.trim().is_empty() {
        problems.missing("email", "is required: the address of the account, to be sure");
    } else if email::normal(address) != found.user().email {
        problems.refused("email", "is not the address of this account");
    }
    let has_password = has_password(parts, id).await?;
    if has_password && password.is_empty() {
        problems.missing("password", "is required: that of the account");
    }
    problems.none()?;
    let found: Found = if has_password {
        set_password::step_up(parts, call, password).await?
    } else {
        mfa::signed_in_just_now(parts, session).await?
    };
    Ok(found.user())
}

async fn has_password(parts: &Parts, user: UserId) -> Result<bool, Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let kept: Option<(String,)> = tx.fetch_optional(store::sql!("user/has_password"), &[user.into()]).await?;
    tx.commit().await?;
    let (kept,) = kept.ok_or(Error::SessionEnded)?;
    Ok(!hash::is_none(&kept))
}
