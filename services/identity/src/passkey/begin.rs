//! Asks a device to make a passkey. Answers `BeginPasskey`.

use super::{
    MOST,
    challenge::{self, Purpose},
};
use crate::{Error, Parts, linked, mfa, user::set_password};
use proto::{Call, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

/// Asks for the password, like the set-up of an app. Errors: [`Error::LoginFailed`], [`Error::StepUpRequired`] and
/// [`Error::SignInAgain`], [`Error::Unconfirmed`], [`Error::Throttled`], [`Error::TooManyPasskeys`], [`Error::NoPasskeys`].
pub(crate) async fn begin(
    parts: &Parts,
    call: &Call,
    mut request: pb::BeginPasskeyRequest,
) -> Result<pb::BeginPasskeyResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let (id, session) = call.user().map_err(Error::caller)?;
    let relying_party = parts.relying_party()?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let has_password = linked::has_password(&mut tx, id).await?;
    let known = super::of(&mut tx, id).await?;
    tx.commit().await?;
    // Whoever has found an open screen shall not make themselves another way in.
    let user = match has_password {
        true => set_password::step_up(parts, call, password).await?.user(),
        false => mfa::signed_in_just_now(parts, session).await?.user(),
    };
    // Nor whoever signed up with the address of somebody else. Without letters nobody can confirm theirs.
    if user.email_verified_at.is_none() && parts.letters.is_some() {
        return Err(Error::Unconfirmed);
    }
    if i64::try_from(known.len()).unwrap_or(i64::MAX) >= MOST {
        return Err(Error::TooManyPasskeys);
    }
    let known = known.iter().map(|one| one.key().map(|key| key.cred_id().clone())).collect::<Result<Vec<_>, _>>()?;
    let (asked, state) = relying_party
        .start_passkey_registration(id.uuid(), &user.email, &user.name, Some(known))
        .map_err(|why| Error::Internal(format!("a passkey could not be asked for: {why}")))?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    challenge::keep(&mut tx, parts, Purpose::Add(session), &asked.public_key.challenge, &state).await?;
    tx.commit().await?;
    let mut options = super::options(&asked.public_key)?;
    // One that its device does not find by itself could not sign in without a name.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    Ok(pb::BeginPasskeyResponse { options: options.to_string() })
}
