//! Answers to what was asked.

use super::{
    brief,
    get::{row, shown},
};
use crate::{
    Error,
    domain::brief::Brief,
    journal::{self, Event},
    service::Inner,
};
use proto::engine::{AnswerQuestionsRequest, AnswerQuestionsResponse};
use serde_json::json;
use std::sync::Arc;
use store::{GlobalTx, sql};

/// Errors: `NOT_FOUND`, `CONFLICT`, `REFUSED_VALUE`, the database failed.
pub(crate) async fn answer(
    inner: &Arc<Inner>,
    request: AnswerQuestionsRequest,
) -> Result<AnswerQuestionsResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let now = inner.clock.now();
    let mut tx = GlobalTx::begin(&inner.db).await?;
    let given: Option<(String,)> = tx.fetch_optional(sql!("execution/brief"), &[id.into()]).await?;
    let given: Brief = serde_json::from_str(&given.ok_or(Error::NotFound)?.0)?;
    let answers = brief::answers(request.answers, &given.currency)?;
    let kept = serde_json::to_string(&answers)?;
    if tx.execute(sql!("execution/answer"), &[id.into(), kept.into()]).await? == 0 {
        return Err(Error::Conflict("nothing is asked of this execution now"));
    }
    let keys: Vec<_> = answers.iter().map(|fact| &fact.key).collect();
    let last = journal::next_event(&mut tx, id).await?;
    let event = Event::new("execution.answered", json!({"answers": keys}));
    journal::write_event(&mut tx, id, last, &[event], now).await?;
    let execution = row(&mut tx, id).await?.map(shown).transpose()?;
    tx.commit().await?;
    inner.tell();
    inner.wake.notify_one();
    Ok(AnswerQuestionsResponse { execution })
}
