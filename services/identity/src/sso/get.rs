//! How do the people of a workspace sign in? Answers `GetSso`.

use super::{absent, of_workspace};
use crate::{Error, Parts};
use proto::{Call, identity as pb};
use store::WorkspaceTx;

/// The secret stays here. Errors: [`Error::NotFound`].
pub(crate) async fn get(parts: &Parts, call: &Call) -> Result<pb::GetSsoResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let connection = of_workspace(&mut tx, workspace).await?.ok_or_else(absent)?;
    tx.commit().await?;
    Ok(pb::GetSsoResponse { sso: Some(connection.to_proto(parts)) })
}
