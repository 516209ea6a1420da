//! How does an execution stand?

use crate::{Error, domain::depth::Depth, service::Inner};
use chrono::{DateTime, Utc};
use proto::{
    engine::{
        self as pb, BatchGetExecutionsRequest, BatchGetExecutionsResponse, Execution, GetExecutionRequest,
        GetExecutionResponse, Phase, Question, TokenUse,
    },
    id::ExecutionId,
    time,
};
use serde::Deserialize;
use store::{GlobalTx, sql};

/// The most that are asked for at once.
const MOST: usize = 200;

store::row! {
    pub(crate) struct ExecutionRow {
        id: ExecutionId,
        depth: String,
        locale: String,
        model: String,
        phase: String,
        stage: String,
        progress: i64,
        input_tokens: i64,
        output_tokens: i64,
        replies: i64,
        questions: Option<String>,
        answers_due_at: Option<DateTime<Utc>>,
        quality: Option<String>,
        error_code: Option<String>,
        error_message: Option<String>,
        headline: String,
        report_hash: Option<String>,
        estimated_seconds: i64,
        estimated_seconds_p90: i64,
        created_at: DateTime<Utc>,
        finished_at: Option<DateTime<Utc>>,
        plan: String,
    }
}

impl ExecutionRow {
    /// Whether nothing happens to it any more.
    pub(super) const fn is_finished(&self) -> bool {
        self.finished_at.is_some()
    }
}

/// Errors: `NOT_FOUND`, the database failed.
pub(crate) async fn get(inner: &Inner, request: &GetExecutionRequest) -> Result<GetExecutionResponse, Error> {
    let id = super::id(&request.execution_id)?;
    let mut tx = GlobalTx::read(&inner.db).await?;
    let row = row(&mut tx, id).await?.ok_or(Error::NotFound)?;
    Ok(GetExecutionResponse { execution: Some(shown(row)?) })
}

/// Those that exist. Errors: the database failed.
pub(crate) async fn batch_get(
    inner: &Inner,
    request: &BatchGetExecutionsRequest,
) -> Result<BatchGetExecutionsResponse, Error> {
    let mut tx = GlobalTx::read(&inner.db).await?;
    let mut executions = vec![];
    for id in request.execution_ids.iter().take(MOST) {
        if let Some(row) = row(&mut tx, super::id(id)?).await? {
            executions.push(shown(row)?);
        }
    }
    Ok(BatchGetExecutionsResponse { executions })
}

/// The row; None also for one that is to be erased. Errors: the database failed.
pub(super) async fn row(tx: &mut GlobalTx, id: ExecutionId) -> Result<Option<ExecutionRow>, Error> {
    Ok(tx.fetch_optional(sql!("execution/get"), &[id.into()]).await?)
}

#[derive(Deserialize)]
struct Asked {
    key: String,
    question: String,
}

/// As callers see it. Errors: what is kept cannot be read.
pub(super) fn shown(row: ExecutionRow) -> Result<Execution, Error> {
    let phase = phase(&row.phase);
    let questions: Vec<Asked> = row.questions.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
    let ceiling = ceiling(&row.plan);
    let is_asked = phase == Phase::AwaitingInput;
    let small = |number: i64| i32::try_from(number).unwrap_or(i32::MAX);
    Ok(Execution {
        execution_id: row.id.to_string(),
        phase: phase.into(),
        stage: row.stage,
        progress: row.progress as f64 / 1_000.0,
        depth: match super::depth(&row.depth) {
            Depth::Quick => pb::Depth::Quick,
            Depth::Standard => pb::Depth::Standard,
            Depth::Deep => pb::Depth::Deep,
        }
        .into(),
        locale: row.locale,
        model: row.model,
        created_at: Some(time::to_proto(row.created_at)),
        finished_at: row.finished_at.map(time::to_proto),
        estimated_seconds: small(row.estimated_seconds),
        estimated_seconds_p90: small(row.estimated_seconds_p90),
        usage: Some(TokenUse { input_tokens: row.input_tokens, output_tokens: row.output_tokens, ceiling }),
        replies: small(row.replies),
        quality: row.quality.unwrap_or_default(),
        error_code: row.error_code.unwrap_or_default(),
        error_message: row.error_message.unwrap_or_default(),
        questions: questions.into_iter().map(|q| Question { key: q.key, question: q.question }).collect(),
        answers_due_at: row.answers_due_at.filter(|_| is_asked).map(time::to_proto),
        headline: row.headline,
        report_hash: row.report_hash.unwrap_or_default(),
    })
}

/// What a plan may use. One of a newer release has this as well, whatever else it has.
fn ceiling(plan: &str) -> i64 {
    #[derive(Deserialize)]
    struct Known {
        limits: Ceiling,
    }
    #[derive(Deserialize)]
    struct Ceiling {
        tokens: i64,
    }
    serde_json::from_str(plan).map_or(0, |known: Known| known.limits.tokens)
}

fn phase(name: &str) -> Phase {
    match name {
        "queued" => Phase::Queued,
        "running" => Phase::Running,
        "awaiting_input" => Phase::AwaitingInput,
        "cancelling" => Phase::Cancelling,
        "completed" => Phase::Completed,
        "failed" => Phase::Failed,
        "cancelled" => Phase::Cancelled,
        _ => Phase::Unspecified,
    }
}
