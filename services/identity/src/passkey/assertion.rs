//! Is this a passkey of ours, shown just now by its owner?

use super::{
    Passkey,
    challenge::{self, Purpose},
    reading,
};
use crate::{Error, Parts, user::User};
use proto::id::UserId;
use store::Tx;
use webauthn_rs::prelude::{AuthenticationResult, DiscoverableAuthentication, PublicKeyCredential, WebauthnError};

/// An answer of a device.
pub(super) struct Answer {
    shown: PublicKeyCredential,
    challenge: Vec<u8>,
}

/// Why a passkey does not count. For the log: who shows it learns only that it does not.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("the answer cannot be read")]
    Unreadable,
    #[error("nothing was asked with this challenge, or it was answered before, is too old or for something else")]
    Challenge,
    #[error("nobody has this passkey")]
    Unknown,
    #[error("it belongs to somebody else")]
    Owner,
    #[error("its count went back: there may be a copy of it")]
    Copied,
    #[error(transparent)]
    Device(WebauthnError),
}

/// Reads the JSON of a browser.
pub(super) fn read(text: &str) -> Result<Answer, Refusal> {
    let shown: PublicKeyCredential = reading::json(text).ok_or(Refusal::Unreadable)?;
    let challenge = reading::challenge(&shown.response.client_data_json).ok_or(Refusal::Unreadable)?;
    Ok(Answer { shown, challenge })
}

/// Takes what was asked; it is not taken again once the transaction commits.
pub(super) async fn take(
    tx: &mut Tx,
    parts: &Parts,
    purpose: Purpose,
    answer: &Answer,
) -> Result<Result<DiscoverableAuthentication, Refusal>, Error> {
    Ok(challenge::take(tx, parts, purpose, &answer.challenge).await?.ok_or(Refusal::Challenge))
}

/// Whose passkey it is: of `user`, if they are known; else the answer has to say whose. Notes that it was used.
pub(super) async fn judge(
    tx: &mut Tx,
    parts: &Parts,
    asked: DiscoverableAuthentication,
    answer: &Answer,
    user: Option<UserId>,
) -> Result<Result<UserId, Refusal>, Error> {
    let id = answer.shown.raw_id.as_slice();
    let found: Option<Passkey> = tx.fetch_optional(store::sql!("passkey/by_credential"), &[id.into()]).await?;
    let Some(passkey) = found else { return Ok(Err(Refusal::Unknown)) };
    let said = answer.shown.get_user_unique_id();
    let is_owner = |said: &[u8]| said == passkey.user_id.uuid().as_bytes();
    let is_theirs = match user {
        Some(user) => passkey.user_id == user && said.is_none_or(is_owner),
        None => said.is_some_and(is_owner),
    };
    if !is_theirs {
        return Ok(Err(Refusal::Owner));
    }
    let key = passkey.key()?;
    let relying_party = parts.relying_party()?;
    let result = match relying_party.finish_discoverable_authentication_v2(&answer.shown, asked, &key) {
        Ok(result) if result.user_verified() => result,
        Ok(_) => return Ok(Err(Refusal::Device(WebauthnError::UserNotVerified))),
        Err(WebauthnError::CredentialPossibleCompromise) => {
            tracing::warn!(passkey = %passkey.id, user = %passkey.user_id, "a passkey counts backwards: there may be a copy");
            return Ok(Err(Refusal::Copied));
        }
        Err(why) => return Ok(Err(Refusal::Device(why))),
    };
    Ok(used(tx, parts, &passkey, key, &result).await?.map(|()| passkey.user_id))
}

async fn used(
    tx: &mut Tx,
    parts: &Parts,
    passkey: &Passkey,
    mut key: webauthn_rs::prelude::Passkey,
    result: &AuthenticationResult,
) -> Result<Result<(), Refusal>, Error> {
    key.update_credential(result);
    let credential = serde_json::to_value(&key).map_err(|why| Error::Internal(format!("a passkey: {why}")))?;
    let values = [
        passkey.id.into(),
        credential.into(),
        i64::from(result.counter()).into(),
        result.backup_state().into(),
        parts.clock.now().into(),
    ];
    let written = tx.execute(store::sql!("passkey/used"), &values).await?;
    Ok(if written == 0 { Err(Refusal::Copied) } else { Ok(()) })
}

/// Who has the passkey that is shown.
pub(super) async fn owner(tx: &mut Tx, answer: &Answer) -> Result<Option<User>, Error> {
    let id = answer.shown.raw_id.as_slice();
    let found: Option<Passkey> = tx.fetch_optional(store::sql!("passkey/by_credential"), &[id.into()]).await?;
    let Some(passkey) = found else { return Ok(None) };
    Ok(tx.fetch_optional(store::sql!("user/by_id"), &[passkey.user_id.into()]).await?)
}
