//! Executions as answers show them.

use super::super::{page::some, time};
use crate::error::Result;
use chrono::{DateTime, Utc};
use proto::{
    engine::{Execution, Phase},
    workspace::OwnedExecution,
};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

/// An execution in a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Execution)]
pub(crate) struct ExecutionBody {
    /// `exec_…`
    execution_id: String,
    /// How the problem begins.
    title: String,
    /// `running`, `completed`, `failed` or `cancelled`.
    status: &'static str,
    /// The same, more exactly: `queued`, `running`, `awaiting_input`, `cancelling`, `completed`, `failed` or `cancelled`.
    phase: &'static str,
    /// `quick`, `standard` or `deep`.
    analysis_depth: String,
    created_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    /// 0 to 1.
    progress: f64,
    /// Of completed ones: `full`, or `partial` where something had to be left out.
    quality: Option<String>,
    /// What was decided, in a sentence.
    headline: Option<String>,
    /// `usr_…` or `key_…`
    created_by: String,
}

/// An execution, whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExecutionDetail {
    #[serde(flatten)]
    summary: ExecutionBody,
    /// What is being done: `intake`, `framing`, `opinions`, `conflicts`, `meeting`, `decision`, `review`, `artifacts` or
    /// `finished`.
    stage: Option<String>,
    /// From the beginning: the median of executions like this one.
    estimated_duration_seconds: Option<i32>,
    /// The median, and what nine of ten stay below.
    estimated_range_seconds: Option<[i32; 2]>,
    usage: TokensBody,
    /// How many replies of models were received.
    replies: i32,
    /// Why it failed.
    error: Option<ExecutionError>,
    /// What it asks, while it waits for answers: `POST …/answers`.
    questions: Option<Vec<QuestionBody>>,
    /// Until when it waits for them; then it assumes something.
    answers_due_at: Option<DateTime<Utc>>,
    /// `pt-BR` or `en`
    locale: Option<String>,
    /// The model that it asks for.
    model: Option<String>,
    /// SHA-256 of the report, in hexadecimal digits.
    report_hash: Option<String>,
    /// The report, once it is completed.
    #[schema(value_type = Option<Object>)]
    results: Option<Box<RawValue>>,
}

/// Tokens of models.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = ExecutionTokens)]
struct TokensBody {
    input_tokens: i64,
    output_tokens: i64,
    total_tokens: i64,
    /// The most that it may use.
    ceiling: i64,
}

/// Why an execution failed.
#[derive(Serialize, ToSchema)]
struct ExecutionError {
    /// For programs.
    code: String,
    /// For people.
    message: String,
}

/// What an execution asks.
#[derive(Serialize, ToSchema)]
#[schema(as = ExecutionQuestion)]
struct QuestionBody {
    /// `key` of the answer.
    key: String,
    question: String,
}

/// An execution that was begun.
#[derive(Serialize, ToSchema)]
#[schema(as = BegunExecution)]
pub(crate) struct Begun {
    /// `exec_…`
    pub(super) execution_id: String,
    /// `running`; of one that was begun before, how it stands.
    #[schema(example = "running")]
    status: &'static str,
    /// As of the execution.
    #[schema(example = "queued")]
    phase: &'static str,
    created_at: DateTime<Utc>,
    /// The median of executions like this one.
    #[schema(example = 45)]
    estimated_duration_seconds: Option<i32>,
    /// The median, and what nine of ten stay below.
    #[schema(example = json!([45, 100]))]
    estimated_range_seconds: Option<[i32; 2]>,
}

/// What clients see of a phase: the status, and its name.
const fn names(phase: Phase) -> (&'static str, &'static str) {
    match phase {
        Phase::Running => ("running", "running"),
        Phase::AwaitingInput => ("running", "awaiting_input"),
        Phase::Cancelling => ("running", "cancelling"),
        Phase::Completed => ("completed", "completed"),
        Phase::Failed => ("failed", "failed"),
        Phase::Cancelled => ("cancelled", "cancelled"),
        // One of a newer release is under way as far as anybody here can tell.
        Phase::Queued | Phase::Unspecified => ("running", "queued"),
    }
}

/// The phase of an execution; of one that the engine does not know, what was written down of its end.
fn phase(owned: &OwnedExecution, execution: Option<&Execution>) -> Phase {
    match (execution, owned.outcome.as_str()) {
        (Some(execution), _) => execution.phase(),
        (None, "completed") => Phase::Completed,
        (None, "failed") => Phase::Failed,
        (None, "cancelled") => Phase::Cancelled,
        // It is on its way to the engine.
        (None, _) => Phase::Queued,
    }
}

const fn range(execution: &Execution) -> [i32; 2] {
    [execution.estimated_seconds, execution.estimated_seconds_p90]
}

impl ExecutionBody {
    pub(super) fn new(owned: OwnedExecution, execution: Option<&Execution>) -> Result<Self> {
        let (status, phase) = names(phase(&owned, execution));
        let finished_at = execution.map_or(owned.closed_at, |execution| execution.finished_at);
        let text = |text: fn(&Execution) -> &String| execution.and_then(|execution| some(text(execution).clone()));
        Ok(Self {
            status,
            phase,
            finished_at: time::maybe(finished_at),
            progress: execution.map_or(0.0, |execution| execution.progress),
            quality: text(|execution| &execution.quality),
            headline: text(|execution| &execution.headline),
            execution_id: owned.execution_id,
            title: owned.title,
            analysis_depth: owned.depth,
            created_at: time::always(owned.created_at)?,
            created_by: owned.created_by,
        })
    }
}

impl ExecutionDetail {
    pub(super) fn new(
        owned: OwnedExecution,
        execution: Option<Execution>,
        results: Option<Box<RawValue>>,
    ) -> Result<Self> {
        let summary = ExecutionBody::new(owned, execution.as_ref())?;
        let estimate = execution.as_ref().map(range);
        let execution = execution.unwrap_or_default();
        let used = execution.usage.unwrap_or_default();
        let questions: Vec<_> = execution.questions.into_iter().map(QuestionBody::from).collect();
        let message = execution.error_message;
        Ok(Self {
            summary,
            stage: some(execution.stage),
            estimated_duration_seconds: estimate.map(|[median, _]| median),
            estimated_range_seconds: estimate,
            usage: TokensBody {
                input_tokens: used.input_tokens,
                output_tokens: used.output_tokens,
                total_tokens: used.input_tokens.saturating_add(used.output_tokens),
                ceiling: used.ceiling,
            },
            replies: execution.replies,
            error: some(execution.error_code).map(|code| ExecutionError { code, message }),
            questions: Some(questions).filter(|questions| !questions.is_empty()),
            answers_due_at: time::maybe(execution.answers_due_at),
            locale: some(execution.locale),
            model: some(execution.model),
            report_hash: some(execution.report_hash),
            results,
        })
    }
}

impl Begun {
    pub(super) fn new(owned: OwnedExecution, execution: Option<&Execution>) -> Result<Self> {
        let (status, phase) = names(phase(&owned, execution));
        let estimate = execution.map(range);
        Ok(Self {
            execution_id: owned.execution_id,
            status,
            phase,
            created_at: time::always(owned.created_at)?,
            estimated_duration_seconds: estimate.map(|[median, _]| median),
            estimated_range_seconds: estimate,
        })
    }
}

impl From<proto::engine::Question> for QuestionBody {
    fn from(question: proto::engine::Question) -> Self {
        let proto::engine::Question { key, question } = question;
        Self { key, question }
    }
}
