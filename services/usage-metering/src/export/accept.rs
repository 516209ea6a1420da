//! Will the destination take it?

use super::{Kind, Wanted};
use crate::{Error, service::Inner};
use prost::Message;
use proto::{id::WorkspaceId, usage::ExportDestination};
use store::{
    WorkspaceTx,
    replay::{self, Claim},
};

/// What a creation goes on with.
pub(crate) enum Accepted<A> {
    /// It was answered before.
    Kept(A),
    /// The destination takes files.
    New(Wanted),
}

/// Judges a destination and asks it. Nobody waits for a storage with a transaction in hand, and what was answered before
/// is not asked again. Errors: [`Error::Destination`], [`Error::NoMail`], [`Error::TooManyLetters`], `IDEMPOTENCY_MISMATCH`.
pub(crate) async fn accept<A: Message + Default>(
    inner: &Inner,
    workspace: WorkspaceId,
    asked: Option<replay::Request>,
    kind: Kind,
    destination: Option<ExportDestination>,
) -> Result<Accepted<A>, Error> {
    if asked.is_some() {
        let mut tx = WorkspaceTx::begin(&inner.db, workspace).await?;
        let claim = replay::claim(&mut tx, &inner.exports.sealer(), asked, inner.clock.now()).await;
        if let Claim::Kept(answer) = claim.map_err(Error::Replay)? {
            return Ok(Accepted::Kept(answer));
        }
    }
    if kind == Kind::Audit && inner.exports.peers.is_none() {
        return Err(Error::NoAudit);
    }
    if kind == Kind::Invoices && inner.billing().is_none() {
        return Err(Error::NoInvoices);
    }
    let wanted = Wanted::judge(inner, workspace, kind, destination).await?;
    wanted.check(&inner.exports).await?;
    Ok(Accepted::New(wanted))
}
