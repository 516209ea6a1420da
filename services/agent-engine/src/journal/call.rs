//! Calls of models: written down before they are made and when they were answered.

use crate::{Error, service::Inner};
use proto::id::ExecutionId;
use std::time::Duration;
use store::{GlobalTx, sql};

store::row! {
    /// A call that was made, or was about to be.
    #[derive(Clone, Debug)]
    pub(crate) struct CallRow {
        pub(crate) step: String,
        pub(crate) attempt: i64,
        /// `started`, or as [`Ended`] says.
        pub(crate) state: String,
        pub(crate) reserved: i64,
        pub(crate) input_tokens: i64,
        pub(crate) output_tokens: i64,
        /// What was asked, until its step has ended; none of older releases.
        pub(crate) body: Option<String>,
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// It used so many tokens of input and output.
    Answered((i64, i64)),
    /// Nothing came of it.
    Failed,
    /// The model does not take what it was asked in this form.
    Refused,
}

impl Ended {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Answered(_) => "answered",
            Self::Failed => "failed",
            Self::Refused => "refused",
        }
    }

    const fn tokens(self) -> (i64, i64) {
        match self {
            Self::Answered(used) => used,
            Self::Failed | Self::Refused => (0, 0),
        }
    }

    /// All tokens that it used.
    pub(crate) const fn total(self) -> i64 {
        let (input, output) = self.tokens();
        input + output
    }
}

/// Writes down that a call is about to be made, and what is asked. Errors: the database failed.
pub(crate) async fn start(
    inner: &Inner,
    id: ExecutionId,
    (step, attempt): (&str, i64),
    (body, reserved): (&str, i64),
) -> Result<(), Error> {
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [id.into(), step.into(), attempt.into(), reserved.into(), inner.clock.now().into(), body.into()];
    tx.execute(sql!("call/start"), &values).await?;
    Ok(tx.commit().await?)
}

/// Writes down how it ended, once. Errors: [`Error::Lost`], the database failed.
pub(crate) async fn end(
    inner: &Inner,
    (id, epoch): (ExecutionId, i64),
    (step, attempt): (&str, i64),
    ended: Ended,
    took: Duration,
) -> Result<(), Error> {
    let (state, (input, output)) = (ended.as_str(), ended.tokens());
    let took = i64::try_from(took.as_millis()).unwrap_or(i64::MAX);
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let values = [id.into(), step.into(), attempt.into(), state.into(), input.into(), output.into(), took.into()];
    let is_new = tx.execute(sql!("call/end"), &values).await? > 0;
    if is_new && matches!(ended, Ended::Answered(_)) {
        let values = [id.into(), epoch.into(), input.into(), output.into()];
        if tx.execute(sql!("execution/spend"), &values).await? == 0 {
            // Both or neither: whoever has taken it up gets the same answer again, and counts it.
            return Err(Error::Lost);
        }
    }
    Ok(tx.commit().await?)
}
