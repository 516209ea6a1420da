//! All that is known of an execution when it is taken up.

use super::{CallRow, StepRow};
use crate::{
    Error,
    domain::brief::{Brief, Fact},
    estimate::Estimate,
    plan::Plan,
    service::Inner,
};
use chrono::{DateTime, TimeDelta, Utc};
use proto::id::ExecutionId;
use std::{collections::BTreeMap, sync::Arc};
use store::{GlobalTx, sql};

store::row! {
    struct Row {
        id: ExecutionId,
        budget_token: Option<String>,
        brief: String,
        depth: String,
        model: String,
        plan: String,
        interactive: bool,
        epoch: i64,
        answers: Option<String>,
        answers_due_at: Option<DateTime<Utc>>,
        cancel_requested_at: Option<DateTime<Utc>>,
        created_at: DateTime<Utc>,
        started_at: Option<DateTime<Utc>>,
        idle_ms: i64,
        estimated_seconds: i64,
        estimated_seconds_p90: i64,
    }
}

/// An execution as its worker sees it.
pub(crate) struct Loaded {
    pub id: ExecutionId,
    pub budget_token: String,
    pub brief: Brief,
    pub depth: String,
    pub model: String,
    pub plan: Plan,
    pub interactive: bool,
    pub epoch: i64,
    /// Answers to what was asked; none: nobody has answered.
    pub answers: Option<Vec<Fact>>,
    /// It was asked, and this is until when answers counted.
    pub asked_until: Option<DateTime<Utc>>,
    pub is_cancelled: bool,
    pub created_at: DateTime<Utc>,
    /// When its time began to run: later than it was taken up by as long as nobody has worked on it.
    pub began_at: DateTime<Utc>,
    /// How long it was said that it takes.
    pub estimate: Estimate,
    pub steps: BTreeMap<String, Arc<StepRow>>,
    pub calls: Vec<CallRow>,
    /// Prompts and schemas by their hash.
    pub texts: BTreeMap<String, String>,
}

/// Reads it. Errors: `NOT_FOUND`, what is kept cannot be read, the database failed.
pub(crate) async fn load(inner: &Inner, id: ExecutionId) -> Result<Loaded, Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    let row: Option<Row> = tx.fetch_optional(sql!("execution/load"), &[id.into()]).await?;
    let row = row.ok_or(Error::NotFound)?;
    let plan: Plan = serde_json::from_str(&row.plan)?;
    let steps: Vec<StepRow> = tx.fetch_all(sql!("step/list"), &[id.into()]).await?;
    let calls = tx.fetch_all(sql!("call/list"), &[id.into()]).await?;
    let mut texts = BTreeMap::new();
    for ask in plan.steps.iter().filter_map(|step| step.ask.as_ref()) {
        for hash in [&ask.mandate, &ask.task, &ask.schema] {
            if !texts.contains_key(hash) {
                let (body,): (String,) = tx.fetch_one(sql!("text/get"), &[hash.as_str().into()]).await?;
                texts.insert(hash.clone(), body);
            }
        }
    }
    let answers = row.answers.as_deref().map(serde_json::from_str).transpose()?;
    Ok(Loaded {
        id: row.id,
        budget_token: row.budget_token.unwrap_or_default(),
        brief: serde_json::from_str(&row.brief)?,
        depth: row.depth,
        model: row.model,
        plan,
        interactive: row.interactive,
        epoch: row.epoch,
        answers,
        asked_until: row.answers_due_at,
        is_cancelled: row.cancel_requested_at.is_some(),
        created_at: row.created_at,
        began_at: row.started_at.unwrap_or(row.created_at) + TimeDelta::milliseconds(row.idle_ms),
        estimate: Estimate { seconds: row.estimated_seconds, seconds_p90: row.estimated_seconds_p90 },
        steps: steps.into_iter().map(|step| (step.key.clone(), Arc::new(step))).collect(),
        calls,
        texts,
    })
}
