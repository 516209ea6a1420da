//! `request_logs`

use super::{guarded, hex, hex_option};
use crate::{
    event::{Admitted, Id, Refused},
    outcome,
};
use proto::usage::RequestEnd;
use serde::Serialize;

/// A row on its way into the table.
#[derive(Serialize)]
pub(crate) struct LogRow<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    #[serde(serialize_with = "hex")]
    pub id: Id,
    #[serde(serialize_with = "hex_option")]
    api_key_id: Option<Id>,
    #[serde(serialize_with = "hex_option")]
    user_id: Option<Id>,
    operation: &'a str,
    requested_model: &'a str,
    stream: bool,
    provider: &'a str,
    model: &'a str,
    status_code: i32,
    outcome: &'static str,
    duration_ms: i64,
    ttft_ms: i64,
    error_code: &'a str,
    error_message: &'a str,
    /// Names, separated by commas.
    dropped: String,
    guardrails: String,
    explanation: &'a str,
    swept: bool,
    created_at: i64,
    #[serde(serialize_with = "hex_option")]
    team_id: Option<Id>,
}

impl<'a> LogRow<'a> {
    /// The entry of a request whose last attempt was settled.
    pub fn ended(grant: &'a Admitted, end: &'a RequestEnd) -> Self {
        Self {
            status_code: end.status_code,
            outcome: outcome::name(end.outcome),
            duration_ms: end.duration_ms,
            ttft_ms: end.ttft_ms,
            error_code: &end.error_code,
            error_message: &end.error_message,
            dropped: end.dropped.join(","),
            guardrails: guarded::write(&end.guardrails),
            explanation: &end.explanation_json,
            swept: false,
            ..Self::swept(grant)
        }
    }

    /// The entry of a request whose end nobody told: no status, no duration.
    pub fn swept(grant: &'a Admitted) -> Self {
        Self {
            workspace_id: grant.workspace,
            id: grant.request,
            api_key_id: grant.api_key,
            user_id: grant.user,
            operation: &grant.operation,
            requested_model: &grant.requested_model,
            stream: grant.stream,
            provider: &grant.provider,
            model: &grant.model,
            status_code: 0,
            outcome: outcome::INCOMPLETE,
            duration_ms: 0,
            ttft_ms: 0,
            error_code: "",
            error_message: "",
            dropped: String::new(),
            guardrails: String::new(),
            explanation: "",
            swept: true,
            created_at: grant.created_at,
            team_id: grant.team,
        }
    }

    /// The entry of a request that got no attempt.
    pub fn refused(refused: &'a Refused) -> Self {
        let end = &refused.end;
        Self {
            workspace_id: refused.workspace.into(),
            id: refused.request.into(),
            api_key_id: refused.api_key.map(Id::from),
            user_id: refused.user.map(Id::from),
            operation: &refused.operation,
            requested_model: &refused.requested_model,
            stream: refused.stream,
            provider: "",
            model: "",
            status_code: end.status_code,
            outcome: outcome::name(end.outcome),
            duration_ms: end.duration_ms,
            ttft_ms: end.ttft_ms,
            error_code: &end.error_code,
            error_message: &end.error_message,
            dropped: end.dropped.join(","),
            guardrails: guarded::write(&end.guardrails),
            explanation: &end.explanation_json,
            swept: false,
            created_at: refused.created_at,
            team_id: refused.team.map(Id::from),
        }
    }
}
