//! Calls a passkey by another name. Answers `RenamePasskey`.

use super::{NAME, Passkey};
use crate::{Error, Parts, input::Problems, mfa};
use proto::{Call, id::PasskeyId, identity as pb};
use store::GlobalTx;

/// Errors: [`Error::NotFound`], [`Error::StepUpRequired`], [`Error::SignInAgain`].
pub(crate) async fn rename(
    parts: &Parts,
    call: &Call,
    request: pb::RenamePasskeyRequest,
) -> Result<pb::RenamePasskeyResponse, Error> {
    let (user, session) = call.user().map_err(Error::caller)?;
    mfa::signed_in_just_now(parts, session).await?;
    let absent = || Error::NotFound("passkey among yours");
    let id: PasskeyId = request.id.parse().map_err(|_| absent())?;
    let mut problems = Problems::default();
    let name = problems.text("name", &request.name, NAME);
    problems.none()?;
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let values = [id.into(), user.into(), name.into()];
    let renamed: Option<Passkey> = tx.fetch_optional(store::sql!("passkey/rename"), &values).await?;
    tx.commit().await?;
    Ok(pb::RenamePasskeyResponse { passkey: Some(renamed.ok_or_else(absent)?.into_proto()) })
}
