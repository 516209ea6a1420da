//! Asks to move an account to another address. Answers `ChangeEmail`.

use super::{email, set_password};
use crate::{
    Error, Parts,
    letter::{
        Kind,
        queue::{About, queue},
    },
};
use proto::{Call, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

/// Queues a letter to the new address, whoever it belongs to. Errors: [`Error::LoginFailed`] for a wrong password,
/// [`Error::StepUpRequired`], [`Error::Throttled`].
pub(crate) async fn change(
    parts: &Parts,
    call: &Call,
    mut request: pb::ChangeEmailRequest,
) -> Result<pb::ChangeEmailResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let address = email::read(&request.email)?;
    let user = set_password::step_up(parts, call, password).await?.user_id;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    queue(&mut tx, parts, Kind::ChangeEmail, &address, About { user: Some(user), ..About::default() }).await?;
    tx.commit().await?;
    Ok(pb::ChangeEmailResponse {})
}
