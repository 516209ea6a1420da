//! The end of an execution, and its pauses.

use super::{Event, next_event, write_event};
use crate::{Error, service::Inner};
use chrono::{DateTime, Utc};
use proto::id::ExecutionId;
use serde_json::{Value, json};
use store::{GlobalTx, sql};

/// How an execution ends.
pub(crate) enum End {
    /// With a report: `full` or `partial`, what was decided in a sentence, its bytes and their hash.
    Completed { quality: &'static str, headline: String, report: String, hash: String },
    /// Without one.
    Failed { code: String, message: String },
    /// Because somebody wanted it to.
    Cancelled,
}

store::row! {
    struct Stand {
        is_doomed: bool,
    }
}

/// Writes the end, once; whoever was to be erased is. Errors: [`Error::Lost`], the database failed.
pub(crate) async fn finish(inner: &Inner, id: ExecutionId, epoch: i64, end: End) -> Result<(), Error> {
    let now = inner.clock.now();
    let (phase, quality, code, message, headline, hash) = match &end {
        End::Completed { quality, headline, hash, .. } => {
            ("completed", Some(*quality), None, None, Some(plain(headline)), Some(hash.as_str()))
        }
        End::Failed { code, message } => ("failed", None, Some(code.as_str()), Some(plain(message)), None, None),
        End::Cancelled => ("cancelled", None, None, None, None, None),
    };
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [
        id.into(),
        epoch.into(),
        phase.into(),
        quality.into(),
        code.into(),
        message.as_deref().into(),
        headline.as_deref().into(),
        hash.into(),
        now.into(),
    ];
    if tx.execute(sql!("execution/finish"), &values).await? == 0 {
        return Err(Error::Lost);
    }
    if let End::Completed { report, .. } = &end {
        tx.execute(sql!("report/insert"), &[id.into(), report.as_str().into()]).await?;
    }
    tx.execute(sql!("call/forget_all"), &[id.into()]).await?;
    let last = next_event(&mut tx, id).await?;
    write_event(&mut tx, id, last, &[event(&end)], now).await?;
    let stand: Stand = tx.fetch_one(sql!("execution/stand"), &[id.into()]).await?;
    if stand.is_doomed {
        tx.execute(sql!("execution/delete"), &[id.into()]).await?;
    }
    tx.commit().await?;
    inner.tell();
    Ok(())
}

/// Without what PostgreSQL takes in no text; providers and models may write it.
fn plain(text: &str) -> String {
    text.replace('\0', "")
}

fn event(end: &End) -> Event {
    match end {
        End::Completed { quality, headline, hash, .. } => Event::new(
            "execution.completed",
            json!({"quality": quality, "headline": headline, "report_hash": hash, "progress": 1.0}),
        ),
        End::Failed { code, message } => {
            Event::new("execution.failed", json!({"error": {"code": code, "message": message}}))
        }
        End::Cancelled => Event::new("execution.cancelled", json!({})),
    }
}

/// Waits for somebody who knows: nobody works on it until they have answered, or the time is over. Errors: [`Error::Lost`],
/// also where it was cancelled meanwhile; the database failed.
pub(crate) async fn ask(
    inner: &Inner,
    (id, epoch): (ExecutionId, i64),
    questions: &Value,
    until: DateTime<Utc>,
) -> Result<(), Error> {
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [id.into(), epoch.into(), questions.to_string().into(), until.into(), now.into()];
    if tx.execute(sql!("execution/ask"), &values).await? == 0 {
        return Err(Error::Lost);
    }
    let last = next_event(&mut tx, id).await?;
    let event = Event::new("execution.awaiting_input", json!({"questions": questions, "answers_due_at": until}));
    write_event(&mut tx, id, last, &[event], now).await?;
    tx.commit().await?;
    inner.tell();
    Ok(())
}
