//! A passkey as second factor. Answers `BeginPasskeyStepUp`; `show` is for whoever asks for a second factor.

use super::{
    Passkey, assertion,
    challenge::{self, Purpose},
};
use crate::{Error, Parts};
use proto::{
    Call,
    id::{SessionId, UserId},
    identity as pb,
};
use store::{GlobalTx, Tx};

/// Errors: [`Error::NotFound`] for who has none.
pub(crate) async fn begin(parts: &Parts, call: &Call) -> Result<pb::BeginPasskeyStepUpResponse, Error> {
    let (user, session) = call.user().map_err(Error::caller)?;
    let relying_party = parts.relying_party()?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let known = super::of(&mut tx, user).await?;
    if known.is_empty() {
        return Err(Error::NotFound("passkey: add one first (/me/passkeys)"));
    }
    let (asked, state) = relying_party
        .start_discoverable_authentication()
        .map_err(|why| Error::Internal(format!("a passkey could not be asked for: {why}")))?;
    let allowed = known.iter().map(Passkey::descriptor).collect::<Result<Vec<_>, _>>()?;
    challenge::keep(&mut tx, parts, Purpose::StepUp(session), &asked.public_key.challenge, &state).await?;
    tx.commit().await?;
    let mut options = super::options(&asked.public_key)?;
    options["allowCredentials"] = allowed.into();
    Ok(pb::BeginPasskeyStepUpResponse { options: options.to_string() })
}

/// Whether somebody shows a passkey of `user`, in a session that is open or, without one, on the way in. What was asked
/// is spent once the transaction commits.
pub(crate) async fn show(
    tx: &mut Tx,
    parts: &Parts,
    user: UserId,
    session: Option<SessionId>,
    text: &str,
) -> Result<bool, Error> {
    let purpose = session.map_or(Purpose::SignIn, Purpose::StepUp);
    let outcome = match assertion::read(text) {
        Ok(answer) => match assertion::take(tx, parts, purpose, &answer).await? {
            Ok(asked) => assertion::judge(tx, parts, asked, &answer, Some(user)).await?,
            Err(refusal) => Err(refusal),
        },
        Err(refusal) => Err(refusal),
    };
    if let Err(refusal) = &outcome {
        tracing::info!(%user, why = %refusal, "a passkey does not count as second factor");
    }
    Ok(outcome.is_ok())
}
