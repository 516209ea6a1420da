//! The people of a workspace sign in as everybody does. Answers `RemoveSso`.

use super::{absent, enforce, event, of_workspace};
use crate::{Error, Parts, mfa};
use proto::{Call, identity as pb};
use store::WorkspaceTx;

/// Whom the provider has let in is forgotten with it: it opens no account any more, and nobody has to come by it. The
/// sessions that it has opened end, also the caller's. Errors: [`Error::NotFound`], [`Error::StepUpRequired`], [`Error::SignInAgain`].
pub(crate) async fn remove(parts: &Parts, call: &Call) -> Result<pb::RemoveSsoResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let (_, session) = call.user().map_err(Error::caller)?;
    mfa::signed_in_just_now(parts, session).await?;
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let connection = of_workspace(&mut tx, workspace).await?.ok_or_else(absent)?;
    tx.execute(store::sql!("sso_identity/delete_of_workspace"), &[workspace.into()]).await?;
    tx.execute(store::sql!("sso/delete"), &[workspace.into()]).await?;
    enforce::end_opened(&mut tx, parts, call, connection.id, None).await?;
    tx.emit(&event(parts, call, workspace, "sso.removed", connection.facts()));
    tx.commit().await?;
    parts.sso_providers.forget(connection.id);
    Ok(pb::RemoveSsoResponse {})
}
