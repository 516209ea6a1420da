//! Sends what waits, and tries again what did not leave.

use super::{Letters, compose};
use crate::{Error, Parts};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::UserId;
use store::GlobalTx;
use uuid::Uuid;

/// For so long a letter is one process's. More than a server may take to refuse it.
const CLAIM: TimeDelta = TimeDelta::minutes(12);
/// Letters of one round. The next one comes a second later.
const ROUND: usize = 100;

store::row! {
    /// A letter that waits.
    #[derive(Debug)]
    pub(super) struct Queued {
        pub(super) id: Uuid,
        pub(super) kind: String,
        pub(super) recipient: String,
        pub(super) user_id: Option<UserId>,
        pub(super) sign_up_id: Option<Uuid>,
        pub(super) facts: serde_json::Value,
        attempts: i64,
        expires_at: DateTime<Utc>,
    }
}

impl Queued {
    /// What the letter says beside, in one line.
    pub(super) fn fact(&self, name: &str) -> String {
        mail::one_line(self.facts[name].as_str().unwrap_or_default())
    }
}

/// Sends what is due. Safe in any number of processes. Errors: of the database.
pub(crate) async fn round(parts: &Parts) -> Result<(), Error> {
    let Some(letters) = &parts.letters else { return Ok(()) };
    for _ in 0..ROUND {
        let Some(queued) = claim(parts).await? else { return Ok(()) };
        let again = deliver(parts, letters, &queued).await;
        let mut tx = GlobalTx::begin(&parts.db).await?;
        tx.execute(store::sql!("mail/postpone"), &[queued.id.into(), again.into()]).await?;
        tx.commit().await?;
        if again.is_some() {
            // The server is away: it is not asked once for each letter.
            return Ok(());
        }
    }
    Ok(())
}

/// Shows operators how many wait. Errors: of the database.
pub(crate) async fn show(parts: &Parts) -> Result<(), Error> {
    let mut tx = GlobalTx::read(&parts.db).await?;
    let (waiting,): (i64,) = tx.fetch_one(store::sql!("mail/waiting"), &[]).await?;
    tx.commit().await?;
    mail::waiting::show("identity", waiting);
    Ok(())
}

/// Removes letters, tokens and sign-ups whose time is over.
pub(crate) async fn prune(parts: &Parts) -> Result<(), Error> {
    let now = parts.clock.now();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    for sql in [store::sql!("mail/prune"), store::sql!("one_time_token/prune"), store::sql!("sign_up/prune")] {
        tx.execute(sql, &[now.into()]).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn claim(parts: &Parts) -> Result<Option<Queued>, Error> {
    let now = parts.clock.now();
    let mut tx = GlobalTx::begin(&parts.db).await?;
    let queued = tx.fetch_optional(store::sql!("mail/claim"), &[now.into(), (now + CLAIM).into()]).await?;
    tx.commit().await?;
    Ok(queued)
}

/// When to try again; None if there is nothing left to do.
async fn deliver(parts: &Parts, letters: &Letters, queued: &Queued) -> Option<DateTime<Utc>> {
    let Queued { id, kind, attempts, .. } = queued;
    let sent = match compose::compose(parts, letters, queued).await {
        Ok(None) => return None,
        Ok(Some(mail)) => letters.mailer.send(&mail).await,
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, letter = %id, kind, "a letter was not written");
            Err(mail::Error::Later("it was not written".to_owned()))
        }
    };
    let error = match sent {
        Ok(()) => return None,
        Err(error @ mail::Error::Later(_)) => error,
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, letter = %id, kind, "a letter was given up");
            return None;
        }
    };
    let again = parts.clock.now() + mail::retry::pause(*attempts);
    let given_up = again >= queued.expires_at;
    tracing::warn!(
        error = &error as &dyn std::error::Error,
        letter = %id,
        kind,
        attempts,
        given_up,
        "a letter did not leave"
    );
    (!given_up).then_some(again)
}
