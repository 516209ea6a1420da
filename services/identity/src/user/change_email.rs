//! Asks to move an account to another address. Answers `ChangeEmail`.

use super::{email, memberships, set_password};
use crate::{
    Error, Parts,
    letter::{
        Kind,
        queue::{About, queue},
    },
    sso::enforce::{self, Way},
};
use proto::{Call, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

/// Queues a letter to the new address, whoever it belongs to. Errors: [`Error::LoginFailed`] for a wrong password,
/// [`Error::StepUpRequired`], [`Error::Throttled`], [`Error::SsoRequired`] where the address of now is the business of a workspace: whoever
/// takes another one leaves its provider behind.
pub(crate) async fn change(
    parts: &Parts,
    call: &Call,
    mut request: pb::ChangeEmailRequest,
) -> Result<pb::ChangeEmailResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let address = email::read(&request.email)?;
    let found = set_password::step_up(parts, call, password).await?;
    let user = found.user_id;
    let all = memberships::of(parts, call, user).await?;
    // Also of who has come by the provider: it does not let them go.
    enforce::check(parts, &found.user(), &all, Way { connection: None, has_mfa: found.mfa_at.is_some() }).await?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    queue(&mut tx, parts, Kind::ChangeEmail, &address, About { user: Some(user), ..About::default() }).await?;
    tx.commit().await?;
    Ok(pb::ChangeEmailResponse {})
}
