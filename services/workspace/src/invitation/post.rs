//! Sends the letters that wait, and tries again what did not leave.

use super::letter;
use crate::{Workspace, error::Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{InvitationId, WorkspaceId};
use sha2::{Digest as _, Sha256};
use store::{SystemTx, WorkspaceTx, sql};

/// For so long a letter is one process's. More than a server may take to refuse it.
const CLAIM: TimeDelta = TimeDelta::minutes(12);
/// Letters of one round. The next one comes a second later.
const ROUND: usize = 100;

store::row! {
    /// A letter that waits.
    pub(super) struct Queued {
        pub(super) invitation_id: InvitationId,
        pub(super) workspace_id: WorkspaceId,
        pub(super) email: String,
        pub(super) role: String,
        pub(super) locale: String,
        pub(super) invited_by: String,
        expires_at: DateTime<Utc>,
        pub(super) generation: i64,
        pub(super) token_sha256: Vec<u8>,
        attempts: i64,
    }
}

/// What became of a letter.
enum Fate {
    Left,
    /// It is tried again then.
    Later(DateTime<Utc>),
    GivenUp,
}

impl Queued {
    /// The same however often it is tried, so that a server may drop a second copy.
    pub(super) fn letter_id(&self) -> uuid::Uuid {
        let digest = Sha256::new()
            .chain_update(self.invitation_id.uuid())
            .chain_update(self.generation.to_be_bytes())
            .finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// Sends what is due. Safe in any number of processes. Errors: of the database.
pub(crate) async fn round(service: &Workspace) -> Result<(), Error> {
    let Some(letters) = &service.letters else { return Ok(()) };
    for _ in 0..ROUND {
        let Some(queued) = claim(service).await? else { return Ok(()) };
        let fate = deliver(service, letters, &queued).await;
        let (next, sent) = match fate {
            Fate::Left => (None, Some(service.clock.now())),
            Fate::Later(at) => (Some(at), None),
            Fate::GivenUp => (None, None),
        };
        let values = [
            queued.workspace_id.into(),
            queued.invitation_id.into(),
            queued.generation.into(),
            next.into(),
            sent.into(),
        ];
        let mut tx = WorkspaceTx::begin(&service.db, queued.workspace_id).await?;
        tx.execute(sql!("invitation/postpone"), &values).await?;
        tx.commit().await?;
        if next.is_some() {
            // The server is away: it is not asked once for each letter.
            return Ok(());
        }
    }
    Ok(())
}

/// Shows operators how many letters wait. Errors: of the database.
pub(crate) async fn show(service: &Workspace) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "count invitations to send").await?;
    let (waiting,): (i64,) = tx.fetch_one(sql!("invitation/waiting"), &[]).await?;
    tx.commit().await?;
    mail::waiting::show("workspace", waiting);
    Ok(())
}

async fn claim(service: &Workspace) -> Result<Option<Queued>, Error> {
    let now = service.clock.now();
    let mut tx = SystemTx::begin(&service.db, "send invitations").await?;
    let queued = tx.fetch_optional(sql!("invitation/claim"), &[now.into(), (now + CLAIM).into()]).await?;
    tx.commit().await?;
    Ok(queued)
}

async fn deliver(service: &Workspace, letters: &letter::Letters, queued: &Queued) -> Fate {
    let Queued { invitation_id, attempts, .. } = queued;
    let sent = match letter::write(service, letters, queued).await {
        Ok(None) => return Fate::GivenUp,
        Ok(Some(mail)) => letters.mailer.send(&mail).await,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, invitation = %invitation_id, "an invitation was not written");
            Err(mail::Error::Later("it was not written".to_owned()))
        }
    };
    let error = match sent {
        Ok(()) => return Fate::Left,
        Err(error @ mail::Error::Later(_)) => error,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, invitation = %invitation_id, "an invitation was given up");
            return Fate::GivenUp;
        }
    };
    let again = service.clock.now() + mail::retry::pause(*attempts);
    let given_up = again >= queued.expires_at;
    let error = &error as &dyn std::error::Error;
    tracing::warn!(error, invitation = %invitation_id, attempts, given_up, "an invitation did not leave");
    if given_up { Fate::GivenUp } else { Fate::Later(again) }
}
