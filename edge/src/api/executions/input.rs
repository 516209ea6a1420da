//! What does an execution learn after it has begun? Answers to what it asked, and what really happened.

use super::{
    body::ExecutionDetail,
    detail, find, for_engine,
    new::refused,
    numbers::{NumberBody, Numbers},
};
use crate::{
    app::Shared,
    auth::Caller,
    error::Result,
    json::{self, Json, Object},
    path::Target,
};
use axum::{extract::State, response::Response};
use proto::{
    Permission,
    engine::{ActualValue, AnswerQuestionsRequest, RecordOutcomesRequest},
    id::ExecutionId,
};
use serde::Deserialize;
use utoipa::ToSchema;

const MAX_ACTUALS: usize = 60;

/// Answers to `questions`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"answers": {"revenue": 180000}}))]
pub(crate) struct Answers {
    /// Each key once, 1 to 60. In short: an object of numbers by key.
    #[schema(value_type = Vec<NumberBody>)]
    answers: Numbers,
}

/// What really happened.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"actuals": [{"metric": "revenue", "value": 195000, "day": 30}]}))]
pub(crate) struct Outcomes {
    /// 1 to 60. The same metric and day again replaces it.
    #[schema(value_type = Vec<Actual>)]
    actuals: Vec<Object<Actual>>,
}

/// What a metric really was.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ExecutionActual)]
struct Actual {
    metric: String,
    value: f64,
    /// Days from the beginning of the execution. Default: 0, what it was then.
    #[serde(default)]
    day: i32,
}

/// Answer what an execution asks, so that it goes on. What is not answered it assumes.
#[utoipa::path(post, path = "/executions/{execution_id}/answers", tag = "Executions", request_body = Answers,
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "The execution as it is now", body = ExecutionDetail),
        (status = 409, description = "It asks nothing")))]
pub(crate) async fn answer_questions(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
    Json(body): Json<Answers>,
) -> Result<Json<ExecutionDetail>> {
    let owned = find(&app, &call, id, Permission::ExecutionsWrite).await?;
    let mut problems = body.answers.problems("answers");
    if body.answers.is_empty() {
        problems.push(("answers".to_owned(), "must not be empty".to_owned()));
    }
    if !problems.is_empty() {
        return Err(refused(problems).into());
    }
    let request = AnswerQuestionsRequest { execution_id: id.to_string(), answers: body.answers.into_facts() };
    let execution = app.services.engine.answer_questions(&for_engine(&call), request).await?.execution;
    detail(&app, &call, owned, execution).await.map(Json)
}

/// Record what really happened to what was forecast, to see what each agent's forecasts were worth.
#[utoipa::path(post, path = "/executions/{execution_id}/outcomes", tag = "Executions", request_body = Outcomes,
    params(("execution_id" = String, Path, description = "`exec_…`")),
    responses((status = 200, description = "All that was recorded of this execution, and how well each agent has done by it", body = Object),
        (status = 409, description = "It is not completed")))]
pub(crate) async fn record_outcomes(
    State(app): State<Shared>,
    Caller(call): Caller,
    Target(id): Target<ExecutionId>,
    Json(body): Json<Outcomes>,
) -> Result<Response> {
    find(&app, &call, id, Permission::ExecutionsWrite).await?;
    let actuals: Vec<_> = body.actuals.into_iter().map(|Object(actual)| actual.into()).collect();
    if !(1..=MAX_ACTUALS).contains(&actuals.len()) {
        return Err(refused(vec![("actuals".to_owned(), format!("must be 1 to {MAX_ACTUALS}"))]).into());
    }
    let request = RecordOutcomesRequest { execution_id: id.to_string(), actuals };
    let recorded = app.services.engine.record_outcomes(&for_engine(&call), request).await?;
    Ok(json::encoded(recorded.json))
}

impl From<Actual> for ActualValue {
    fn from(actual: Actual) -> Self {
        let Actual { metric, value, day } = actual;
        Self { metric, value, day }
    }
}
