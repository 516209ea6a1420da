//! A domain is not a workspace's any more, because its owners say so. Answers `RemoveDomain`.

use super::{absent, event, name};
use crate::{Error, Parts, mfa, sso};
use chrono::{DateTime, Utc};
use proto::{Call, identity as pb};
use store::WorkspaceTx;

/// What stood on it holds no more: nobody has to sign in by the workspace's provider for its sake, and whoever did is out. Errors: [`Error::NotFound`],
/// [`Error::StepUpRequired`].
pub(crate) async fn remove(
    parts: &Parts,
    call: &Call,
    request: pb::RemoveDomainRequest,
) -> Result<pb::RemoveDomainResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let (_, session) = call.user().map_err(Error::caller)?;
    mfa::fresh(parts, session).await?;
    let domain = name::normal(&request.domain).ok_or_else(absent)?;
    let mut tx = WorkspaceTx::begin(&parts.db, workspace).await?;
    let removed: Option<(Option<DateTime<Utc>>,)> =
        tx.fetch_optional(store::sql!("domain/delete"), &[workspace.into(), domain.as_str().into()]).await?;
    removed.ok_or_else(absent)?;
    if let Some(connection) = sso::of_workspace(&mut tx, workspace).await? {
        sso::enforce::end_opened(&mut tx, parts, call, connection.id, Some(&domain)).await?;
    }
    tx.emit(&event(parts, call, workspace, "domain.removed", &domain));
    tx.commit().await?;
    Ok(pb::RemoveDomainResponse {})
}
