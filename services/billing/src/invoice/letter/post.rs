//! Sends the letters that wait, and tries again what did not leave.

use super::{Post, compose, trouble::told};
use crate::{Billing, Error};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::{InvoiceId, WorkspaceId};
use sha2::{Digest as _, Sha256};
use std::time::Duration;
use store::{SystemTx, WorkspaceTx, sql};

/// For so long a letter is one process's: longer than it tries to send it.
const CLAIM: TimeDelta = TimeDelta::minutes(12);
const SENDING: Duration = Duration::from_secs(600);
/// Letters of one round. The next one comes a second later.
const ROUND: usize = 100;
/// After the first try, the second one, …: a server is away for most of a day at most.
const PAUSES: [TimeDelta; 7] = [
    TimeDelta::minutes(1),
    TimeDelta::minutes(5),
    TimeDelta::minutes(15),
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(6),
    TimeDelta::hours(6),
];

store::row! {
    /// A letter that waits.
    pub(super) struct Queued {
        pub workspace_id: WorkspaceId,
        pub invoice_id: InvoiceId,
        pub kind: String,
        tries: i64,
    }
}

/// What became of a letter.
enum Fate {
    /// To whom, and in which language.
    Sent(String, String),
    /// There is no reason for it any more.
    Dropped,
    /// It is tried again then.
    Later(DateTime<Utc>, String),
    Failed(String),
}

impl Queued {
    /// The same however often it is tried, so that a server may drop a second copy.
    pub fn letter_id(&self) -> uuid::Uuid {
        let digest = Sha256::new().chain_update(self.invoice_id.uuid()).chain_update(&self.kind).finalize();
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_custom_bytes(bytes).into_uuid()
    }
}

/// Sends what is due. Safe in any number of processes. Errors: of the database.
pub(crate) async fn round(service: &Billing) -> Result<(), Error> {
    let Some(post) = &service.post else { return Ok(()) };
    for _ in 0..ROUND {
        let Some(queued) = claim(service).await? else { return Ok(()) };
        let fate = deliver(service, post, &queued).await;
        write(service, &queued, &fate).await?;
        if matches!(fate, Fate::Later(..)) {
            // The server is away: it is not asked once for each letter.
            return Ok(());
        }
    }
    Ok(())
}

/// Shows operators how many wait. Errors: of the database.
pub(crate) async fn show(service: &Billing) -> Result<(), Error> {
    let mut tx = SystemTx::read(&service.db, "count letters about invoices").await?;
    let (waiting,): (i64,) = tx.fetch_one(sql!("letter/waiting"), &[]).await?;
    tx.commit().await?;
    mail::waiting::show("billing", waiting);
    Ok(())
}

async fn claim(service: &Billing) -> Result<Option<Queued>, Error> {
    let now = service.clock.now();
    let mut tx = SystemTx::begin(&service.db, "send letters about invoices").await?;
    let queued = tx.fetch_optional(sql!("letter/claim"), &[now.into(), (now + CLAIM).into()]).await?;
    tx.commit().await?;
    Ok(queued)
}

async fn deliver(service: &Billing, post: &Post, queued: &Queued) -> Fate {
    if queued.tries > most_tries() {
        // Whoever had it in the last try has not lived to say what came of it.
        return failed(queued, "it was tried often enough".to_owned());
    }
    let mail = match compose::compose(service, post, queued).await {
        Ok(None) => return Fate::Dropped,
        Ok(Some(mail)) => mail,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, invoice = %queued.invoice_id, kind = queued.kind, "a letter was not written");
            return later(service, queued, "it was not written".to_owned());
        }
    };
    match tokio::time::timeout(SENDING, post.mailer.send(&mail)).await {
        Ok(Ok(())) => Fate::Sent(mail.to, mail.letter.locale),
        Ok(Err(error @ mail::Error::Later(_))) => later(service, queued, told(&error.to_string())),
        Ok(Err(error)) => failed(queued, told(&error.to_string())),
        Err(_) => later(service, queued, "the mail server takes too long".to_owned()),
    }
}

/// One after each pause, and the first.
fn most_tries() -> i64 {
    i64::try_from(PAUSES.len()).unwrap_or(0) + 1
}

fn later(service: &Billing, queued: &Queued, error: String) -> Fate {
    let pause = usize::try_from(queued.tries - 1).ok().and_then(|n| PAUSES.get(n));
    let Some(pause) = pause else { return failed(queued, error) };
    let Queued { invoice_id, kind, tries, .. } = queued;
    tracing::warn!(error, invoice = %invoice_id, kind, tries, "a letter about an invoice did not leave");
    Fate::Later(service.clock.now() + *pause, error)
}

fn failed(queued: &Queued, error: String) -> Fate {
    let Queued { invoice_id, kind, tries, .. } = queued;
    tracing::error!(error, invoice = %invoice_id, kind, tries, "a letter about an invoice was given up");
    Fate::Failed(error)
}

async fn write(service: &Billing, queued: &Queued, fate: &Fate) -> Result<(), Error> {
    let Queued { workspace_id, invoice_id, kind, tries } = queued;
    let (workspace, invoice, kind) = ((*workspace_id).into(), (*invoice_id).into(), kind.as_str().into());
    let mut tx = WorkspaceTx::begin(&service.db, *workspace_id).await?;
    let (status, next_at, error) = match fate {
        Fate::Sent(recipient, locale) => {
            let (recipient, locale) = (recipient.as_str().into(), locale.as_str().into());
            let values = [workspace, invoice, kind, service.clock.now().into(), recipient, locale];
            tx.execute(sql!("letter/sent"), &values).await?;
            return Ok(tx.commit().await?);
        }
        Fate::Dropped => ("dropped", None, None),
        Fate::Later(at, error) => ("queued", Some(*at), Some(error.as_str())),
        Fate::Failed(error) => ("failed", None, Some(error.as_str())),
    };
    let values = [workspace, invoice, kind, (*tries).into(), status.into(), next_at.into(), error.into()];
    tx.execute(sql!("letter/not_sent"), &values).await?;
    Ok(tx.commit().await?)
}
