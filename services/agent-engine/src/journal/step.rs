//! What came out of a step: written once, with its events and the progress, or not at all.

use super::{Event, next_event, write_event};
use crate::{Error, service::Inner};
use proto::id::ExecutionId;
use serde_json::Value;
use store::{GlobalTx, sql};

store::row! {
    /// A step that has ended.
    #[derive(Clone, Debug)]
    pub(crate) struct StepRow {
        pub(crate) key: String,
        /// `done`, `failed` or `skipped`.
        pub(crate) state: String,
        /// JSON; `null` unless it is done.
        pub(crate) output: String,
        /// Why it is not done.
        pub(crate) reason: Option<String>,
    }
}

/// How a step has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Done,
    /// It was tried.
    Failed,
    /// There was nothing to do, or nothing to do it with.
    Skipped,
}

/// The end of a step.
#[derive(Clone, Debug)]
pub(crate) struct Done {
    pub key: String,
    pub state: State,
    pub output: Value,
    pub reason: Option<&'static str>,
    pub events: Vec<Event>,
}

impl State {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

impl StepRow {
    /// What came out of it; None unless it is done.
    pub(crate) fn read<T: serde::de::DeserializeOwned>(&self) -> Result<Option<T>, Error> {
        if self.state != State::Done.as_str() {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&self.output)?))
    }
}

/// Writes the end of a step. `progress` is in thousandths. Errors: [`Error::Lost`], the database failed.
pub(crate) async fn commit(
    inner: &Inner,
    id: ExecutionId,
    epoch: i64,
    done: Done,
    (stage, progress): (&'static str, i64),
) -> Result<StepRow, Error> {
    let now = inner.clock.now();
    let Done { key, state, output, reason, events } = done;
    let row = StepRow {
        key,
        state: state.as_str().to_owned(),
        output: output.to_string(),
        reason: reason.map(str::to_owned),
    };
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let count = i64::try_from(events.len()).unwrap_or(0);
    let values = [id.into(), epoch.into(), count.into(), stage.into(), progress.into()];
    if tx.execute(sql!("execution/advance"), &values).await? == 0 {
        return Err(Error::Lost);
    }
    let values = [
        id.into(),
        row.key.as_str().into(),
        row.state.as_str().into(),
        row.output.as_str().into(),
        row.reason.as_deref().into(),
        now.into(),
    ];
    tx.execute(sql!("step/insert"), &values).await?;
    tx.execute(sql!("call/forget_step"), &[id.into(), row.key.as_str().into()]).await?;
    if !events.is_empty() {
        let last = next_event(&mut tx, id).await?;
        write_event(&mut tx, id, last, &events, now).await?;
    }
    tx.commit().await?;
    inner.tell();
    Ok(row)
}
