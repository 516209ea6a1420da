//! Other recovery codes in the place of those from before. Answers `RenewRecoveryCodes`.

use super::{fresh, recovery};
use crate::{Error, Parts, event};
use proto::{Call, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::NotFound`] without a second factor, [`Error::StepUpRequired`].
pub(crate) async fn renew(parts: &Parts, call: &Call) -> Result<pb::RenewRecoveryCodesResponse, Error> {
    let (_, session) = call.user().map_err(Error::caller)?;
    let user = fresh(parts, session).await?.user();
    if user.mfa_enabled_at.is_none() {
        return Err(Error::NotFound("second factor"));
    }
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let recovery_codes = recovery::renew(&mut tx, user.id).await?;
    tx.emit(&event::of_user(parts, call, "user.recovery_codes_renewed", &user));
    tx.commit().await?;
    Ok(pb::RenewRecoveryCodesResponse { recovery_codes })
}
