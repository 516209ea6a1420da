//! Does an operator act for the person of this session, and may they still?

use super::Impersonation;
use crate::{
    Error, Parts, mfa,
    session::{self, Found},
};
use proto::PlatformRole;
use store::GlobalTx;

/// Who acts for the person of a session that works; None: it is the person's own. Errors: [`Error::SessionEnded`] once its time
/// is over, the person operates the platform, or the operator does no more, here or at all.
pub(crate) async fn of(parts: &Parts, found: &Found) -> Result<Option<Impersonation>, Error> {
    if found.impersonator_id.is_none() {
        return Ok(None);
    }
    let mut tx = GlobalTx::read(&parts.db).await?;
    let one: Option<Impersonation> = tx.fetch_optional(store::sql!("impersonation/by_id"), &[found.id.into()]).await?;
    tx.commit().await?;
    let one = one.ok_or(Error::SessionEnded)?;
    let is_over = one.ended_at.is_some() || parts.clock.now() >= one.expires_at;
    if is_over || found.user().platform_role.is_some() {
        return Err(Error::SessionEnded);
    }
    let operator = session::find(parts, one.operator_session_id).await?.ok_or(Error::SessionEnded)?;
    if operator.user_id != one.operator_id || !operates(parts, &operator) {
        return Err(Error::SessionEnded);
    }
    Ok(Some(one))
}

/// Whether a session is one in which somebody may act for others: it works, and they are an admin in it.
pub(super) fn operates(parts: &Parts, found: &Found) -> bool {
    let is_admin = found.user().platform() == Some(PlatformRole::Admin) && mfa::is_operators(parts, found);
    is_admin && found.impersonator_id.is_none() && found.check(parts).is_ok()
}
