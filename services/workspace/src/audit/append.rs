//! Writes one entry at the end of its workspace's chain.

use super::{
    chain::{self, BEGINNING, Entry, Hash},
    head::Head,
};
use crate::{
    Workspace,
    error::Error,
    webhook::tell::{self, News},
};
use chrono::{DateTime, Utc};
use proto::id::{EventId, WorkspaceId};
use store::{Tx, WorkspaceTx, sql};

/// An entry before it has its place.
pub(crate) struct New {
    pub(crate) id: EventId,
    /// The service that reported it.
    pub(crate) source: &'static str,
    /// Its place in that service's feed; 0 for what is written with the change itself.
    pub(crate) position: i64,
    pub(crate) at: DateTime<Utc>,
    pub(crate) actor: String,
    pub(crate) action: String,
    pub(crate) subject: String,
    pub(crate) request_id: String,
    /// The text of a JSON object.
    pub(crate) details: String,
}

/// The end of a chain, while this transaction holds it.
pub(super) struct End {
    workspace: WorkspaceId,
    seq: i64,
    hash: Hash,
}

/// Writes it, unless it is there: feeds deliver at least once. Webhooks hear of it, also where a process of a release wrote it that did
/// not tell them.
pub(crate) async fn append(service: &Workspace, tx: &mut Tx, workspace: WorkspaceId, new: New) -> Result<(), Error> {
    let known: Option<(EventId,)> = tx.fetch_optional(sql!("audit/known"), &[workspace.into(), new.id.into()]).await?;
    if known.is_some() {
        return tell::missed(service, tx, workspace, &new.news()).await;
    }
    let mut end = End::lock(service, tx, workspace).await?;
    // PostgreSQL keeps microseconds: what is covered by the digest is what will be read.
    let at = DateTime::from_timestamp_micros(new.at.timestamp_micros()).unwrap_or(new.at);
    let (workspace_text, id) = (workspace.to_string(), new.id.to_string());
    let (seq, hash) = end.next(&Entry {
        workspace: &workspace_text,
        seq: 0,
        id: &id,
        at: at.timestamp_micros(),
        actor: &new.actor,
        action: &new.action,
        subject: &new.subject,
        request_id: &new.request_id,
        details: &new.details,
        source: new.source,
    });
    let values = [
        new.id.into(),
        workspace.into(),
        new.source.into(),
        new.position.into(),
        at.into(),
        new.actor.as_str().into(),
        new.action.as_str().into(),
        new.subject.as_str().into(),
        new.request_id.as_str().into(),
        new.details.as_str().into(),
        seq.into(),
        hash.as_slice().into(),
    ];
    if tx.execute(sql!("audit/insert"), &values).await? == 0 {
        // Somebody else wrote it while we waited for the end of the chain.
        return tell::missed(service, tx, workspace, &new.news()).await;
    }
    end.put(service, tx).await?;
    tell::beside_the_trail(service, tx, workspace, &News { at, ..new.news() }).await
}

/// Holds the end of the chain of the transaction's workspace. Who locks a row that [`append`] locks as well, such as a webhook, and
/// writes an entry after that, does so first: else two would wait for each other.
pub(crate) async fn hold(service: &Workspace, tx: &mut WorkspaceTx) -> Result<(), Error> {
    let workspace = tx.workspace();
    hold_of(service, tx, workspace).await
}

/// The same in a transaction of any kind.
pub(crate) async fn hold_of(service: &Workspace, tx: &mut Tx, workspace: WorkspaceId) -> Result<(), Error> {
    End::lock(service, tx, workspace).await.map(drop)
}

impl New {
    /// As webhooks hear of it.
    fn news(&self) -> News<'_> {
        let Self { id, at, action, actor, subject, details, .. } = self;
        News { id: *id, action, at: *at, actor, subject, details }
    }
}

impl End {
    /// The end of a workspace's chain; nobody else has it until the transaction ends.
    pub(super) async fn lock(service: &Workspace, tx: &mut Tx, workspace: WorkspaceId) -> Result<Self, Error> {
        let values = [workspace.into(), BEGINNING.as_slice().into(), service.clock.now().into()];
        let (seq, hash): (i64, Vec<u8>) = tx.fetch_one(sql!("audit/lock_head"), &values).await?;
        let hash = hash.as_slice().try_into().map_err(|_| Error::Chain)?;
        Ok(Self { workspace, seq, hash })
    }

    /// Place and digest of the next entry, whatever place it says.
    pub(super) fn next(&mut self, entry: &Entry<'_>) -> (i64, Hash) {
        self.seq += 1;
        self.hash = chain::digest(&self.hash, &Entry { seq: self.seq, ..*entry });
        (self.seq, self.hash)
    }

    /// Signs it.
    pub(super) async fn put(self, service: &Workspace, tx: &mut Tx) -> Result<(), Error> {
        let Self { workspace, seq, hash } = self;
        let now = service.clock.now();
        let head = Head { workspace: workspace.to_string(), seq, hash, at: now.timestamp_micros() };
        let signature = service.signer.sign(&head);
        let values = [workspace.into(), seq.into(), hash.as_slice().into(), now.into(), signature.into()];
        tx.execute(sql!("audit/set_head"), &values).await?;
        Ok(())
    }
}
