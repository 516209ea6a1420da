//! Has the caller a second factor? Answers `GetMfa`.

use super::recovery;
use crate::{Error, Parts, session};
use proto::{Call, identity as pb};
use store::GlobalTx;

pub(crate) async fn get(parts: &Parts, call: &Call) -> Result<pb::GetMfaResponse, Error> {
    let (id, session) = call.user().map_err(Error::caller)?;
    let found = session::find(parts, session).await?.ok_or(Error::SessionEnded)?;
    let mut tx = GlobalTx::read(&parts.db).await?;
    let recovery_codes_left = recovery::left(&mut tx, id).await?;
    tx.commit().await?;
    Ok(pb::GetMfaResponse {
        enabled_at: found.user().mfa_enabled_at.map(proto::time::to_proto),
        recovery_codes_left,
        passkeys: i32::try_from(found.passkeys).unwrap_or(i32::MAX),
        shown_at: found.mfa_at.map(proto::time::to_proto),
    })
}
