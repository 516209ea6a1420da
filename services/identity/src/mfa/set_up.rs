//! Makes the secret of an authenticator app, which counts for nothing before it is confirmed. Answers `SetUpTotp`.

use super::totp::Secret;
use crate::{Error, Parts, user::set_password};
use proto::{Call, identity as pb};
use store::GlobalTx;
use zeroize::Zeroizing;

/// Asks for the password. Errors: [`Error::LoginFailed`], [`Error::Throttled`], [`Error::MfaInForce`].
pub(crate) async fn set_up(
    parts: &Parts,
    call: &Call,
    mut request: pb::SetUpTotpRequest,
) -> Result<pb::SetUpTotpResponse, Error> {
    let password = Zeroizing::new(std::mem::take(&mut request.password));
    let user = set_password::step_up(parts, call, password).await?.user();
    if user.mfa_enabled_at.is_some() {
        return Err(Error::MfaInForce);
    }
    let secret = Secret::generate();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let values = [user.id.into(), secret.seal(&parts.sealer, user.id).into(), parts.clock.now().into()];
    if tx.execute(store::sql!("totp/begin"), &values).await? == 0 {
        return Err(Error::MfaInForce);
    }
    tx.commit().await?;
    let (secret, uri) = secret.shown(&parts.config.totp_issuer, &user.email)?;
    Ok(pb::SetUpTotpResponse { secret, uri })
}
