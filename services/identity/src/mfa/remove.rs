//! Takes the second factor away. Answers `RemoveTotp`.

use super::{clear, fresh};
use crate::{
    Error, Parts, event,
    letter::{Kind, queue},
};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::NotFound`] where there is none, [`Error::StepUpRequired`].
pub(crate) async fn remove(parts: &Parts, call: &Call) -> Result<pb::RemoveTotpResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let user = fresh(parts, session).await?.user();
    if user.mfa_enabled_at.is_none() {
        return Err(Error::NotFound("second factor"));
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    clear(&mut tx, user.id).await?;
    queue::notice(&mut tx, parts, Kind::MfaDisabled, &user.email, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.mfa_disabled", &user));
    tx.commit().await?;
    Ok(pb::RemoveTotpResponse {})
}
