//! Which domains does a workspace say are its own? Answers `ListDomains`.

use super::Domain;
use crate::{Error, Parts};
use proto::{Call, identity as pb};
use store::WorkspaceTx;

/// In the order of the alphabet.
pub(crate) async fn list(parts: &Parts, call: &Call) -> Result<pb::ListDomainsResponse, Error> {
    let workspace = call.workspace().map_err(Error::caller)?;
    let mut tx = WorkspaceTx::read(&parts.db, workspace).await?;
    let domains: Vec<Domain> = tx.fetch_all(store::sql!("domain/list"), &[workspace.into()]).await?;
    tx.commit().await?;
    Ok(pb::ListDomainsResponse { domains: domains.iter().map(Domain::to_proto).collect() })
}
