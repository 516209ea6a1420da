//! What a request log looks like.

use crate::{
    api::{page::some, time, units::UnitsBody},
    error::{Error, Result},
};
use chrono::{DateTime, Utc};
use proto::usage::{Attempt, Guarded, RequestLog};
use serde::Serialize;
use utoipa::ToSchema;

/// One request, with what it used and how it ended.
#[derive(Serialize, ToSchema)]
#[schema(as = RequestLog)]
pub(crate) struct LogBody {
    /// `req_…`, the `x-request-id` of the answer.
    id: String,
    created_at: DateTime<Utc>,
    /// Null when a person called.
    api_key_id: Option<String>,
    /// Null when an API key called.
    user_id: Option<String>,
    /// `team_…`: the team of the key. Null where it is of none.
    team_id: Option<String>,
    /// Who answered. Null for a request that reached no provider.
    provider: Option<String>,
    /// Whose credential it was called with: `workspace`, `platform` (which charges for it by plan) or `simulator`. Null as
    /// `provider` is.
    credential: Option<String>,
    /// The model as the provider knows it.
    model: Option<String>,
    /// The model as the client asked for it.
    requested_model: String,
    #[schema(example = "chat.completions")]
    operation: String,
    stream: bool,
    /// HTTP status that the client saw.
    status_code: i32,
    /// `completed`, `client_gone`, `upstream_error`, `incomplete`, `rejected`, `budget_stopped`, `cached`, `replayed` or
    /// `blocked` (by a guardrail); of attempts also `outrun` (another one was sooner).
    outcome: String,
    /// All input, cached included.
    input_tokens: i64,
    cached_input_tokens: i64,
    /// All output, reasoning included.
    output_tokens: i64,
    reasoning_tokens: i64,
    units: UnitsBody,
    /// What it is billed by is our own count: the provider did not report it.
    estimated: bool,
    /// Millionths of `currency`. Null where the price is not known.
    cost_micros: Option<i64>,
    #[schema(example = "USD")]
    currency: String,
    /// Which prices `cost_micros` comes from.
    price_version: Option<String>,
    duration_ms: i64,
    /// Until the first content. Null where none came.
    ttft_ms: Option<i64>,
    /// Every call to a provider, in order.
    attempts: Vec<AttemptBody>,
    error_code: Option<String>,
    error_message: Option<String>,
    /// Fields of the request that the provider cannot take and was not sent; as in `x-perpetuo-dropped`.
    dropped: Vec<String>,
    /// What guardrails found: names and numbers, never what it was.
    guardrails: Vec<GuardedBody>,
    /// Why it went where it went: candidates and why each lost, attempts with the time of each phase, prices. Only where the
    /// request was sent with `x-perpetuo-explain: 1`, and not in lists.
    routing: Option<serde_json::Value>,
}

/// What a guardrail found in one direction.
#[derive(Serialize, ToSchema)]
#[schema(as = Guarded)]
pub(crate) struct GuardedBody {
    /// Of the rule.
    name: String,
    /// `input` or `output`.
    stage: String,
    /// `block`, `redact`, `flag`, or `failed` for a moderation that did not answer.
    action: String,
    /// How often.
    count: i64,
}

/// One call to a provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Attempt)]
pub(crate) struct AttemptBody {
    /// 1 for the first.
    attempt: i32,
    provider: String,
    /// As in the log: each attempt may have another.
    credential: String,
    model: String,
    outcome: String,
    /// HTTP status of the provider. Null if none arrived.
    provider_status: Option<i32>,
    duration_ms: i64,
    error_code: Option<String>,
}

impl TryFrom<RequestLog> for LogBody {
    type Error = Error;

    fn try_from(log: RequestLog) -> Result<Self> {
        Ok(Self {
            id: log.id,
            created_at: time::always(log.created_at)?,
            api_key_id: some(log.api_key_id),
            user_id: some(log.user_id),
            team_id: some(log.team_id),
            provider: some(log.provider),
            credential: some(log.credential),
            model: some(log.model),
            requested_model: log.requested_model,
            operation: log.operation,
            stream: log.stream,
            status_code: log.status_code,
            outcome: log.outcome,
            input_tokens: log.input_tokens,
            cached_input_tokens: log.cached_input_tokens,
            output_tokens: log.output_tokens,
            reasoning_tokens: log.reasoning_tokens,
            units: log.units.into(),
            estimated: log.estimated,
            cost_micros: log.cost_micros,
            currency: log.currency,
            price_version: some(log.price_version),
            duration_ms: log.duration_ms,
            ttft_ms: log.ttft_ms,
            attempts: log.attempts.into_iter().map(AttemptBody::from).collect(),
            error_code: some(log.error_code),
            error_message: some(log.error_message),
            dropped: log.dropped,
            guardrails: log.guardrails.into_iter().map(GuardedBody::from).collect(),
            routing: serde_json::from_str(&log.explanation_json).ok(),
        })
    }
}

impl From<Guarded> for GuardedBody {
    fn from(guarded: Guarded) -> Self {
        let Guarded { name, stage, action, count } = guarded;
        Self { name, stage, action, count }
    }
}

impl From<Attempt> for AttemptBody {
    fn from(attempt: Attempt) -> Self {
        Self {
            attempt: attempt.attempt,
            provider: attempt.provider,
            credential: attempt.credential,
            model: attempt.model,
            outcome: attempt.outcome,
            provider_status: (attempt.provider_status != 0).then_some(attempt.provider_status),
            duration_ms: attempt.duration_ms,
            error_code: some(attempt.error_code),
        }
    }
}
