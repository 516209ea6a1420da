//! `ledger`

use super::{hex, hex_option};
use crate::{
    event::{Admitted, Id, Settled},
    grant::GrantKey,
    outcome,
};
use chrono::{DateTime, Utc};
use proto::usage::Tokens;
use serde::Serialize;
use uuid::Uuid;

/// A row on its way into the table.
#[derive(Serialize)]
pub(crate) struct LedgerRow<'a> {
    #[serde(serialize_with = "hex")]
    workspace_id: Id,
    #[serde(serialize_with = "hex")]
    request_id: Id,
    attempt: i64,
    correction: i64,
    kind: &'static str,
    swept: bool,
    provider: &'a str,
    provider_kind: &'a str,
    provider_id: &'a str,
    model: &'a str,
    #[serde(serialize_with = "hex_option")]
    api_key_id: Option<Id>,
    #[serde(serialize_with = "hex_option")]
    user_id: Option<Id>,
    input_tokens: i64,
    cache_read_tokens: i64,
    cache_write_tokens: i64,
    audio_input_tokens: i64,
    output_tokens: i64,
    audio_output_tokens: i64,
    reasoning_tokens: i64,
    estimated: bool,
    outcome: &'static str,
    error_code: &'a str,
    provider_status: i32,
    cost_nanos: Option<i64>,
    currency: &'a str,
    price_version: &'a str,
    duration_ms: i64,
    ttft_ms: i64,
    created_at: i64,
    settled_at: i64,
}

store::row! {
    /// A row of a grant that is no longer open.
    pub(crate) struct Found {
        workspace_id: Uuid,
        request_id: Uuid,
        attempt: i64,
        pub correction: i64,
        pub swept: bool,
        provider: String,
        provider_kind: String,
        provider_id: String,
        model: String,
        api_key_id: Option<Uuid>,
        user_id: Option<Uuid>,
        input_tokens: i64,
        cache_read_tokens: i64,
        cache_write_tokens: i64,
        audio_input_tokens: i64,
        output_tokens: i64,
        audio_output_tokens: i64,
        reasoning_tokens: i64,
        cost_nanos: Option<i64>,
        currency: String,
        price_version: String,
        created_at: DateTime<Utc>,
    }
}

impl<'a> LedgerRow<'a> {
    /// The row of a grant that was settled.
    pub fn usage(grant: &'a Admitted, settled: &'a Settled) -> Self {
        let t = &settled.tokens;
        Self {
            estimated: settled.estimated,
            outcome: outcome::name(settled.outcome),
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            ..Self::of(grant, t, settled.settled_at)
        }
    }

    /// The row of a grant that nobody settled: what it may have used is not known, so its input counts as estimated.
    pub fn swept(grant: &'a Admitted, at: i64) -> Self {
        let tokens = Tokens { input: grant.estimated_input_tokens, ..Tokens::default() };
        Self { swept: true, estimated: true, ..Self::of(grant, &tokens, at) }
    }

    fn of(grant: &'a Admitted, tokens: &Tokens, settled_at: i64) -> Self {
        Self {
            workspace_id: grant.workspace,
            request_id: grant.request,
            attempt: grant.attempt,
            correction: 0,
            kind: "usage",
            swept: false,
            provider: &grant.provider,
            provider_kind: &grant.provider_kind,
            provider_id: &grant.provider_id,
            model: &grant.model,
            api_key_id: grant.api_key,
            user_id: grant.user,
            input_tokens: tokens.input,
            cache_read_tokens: tokens.cache_read,
            cache_write_tokens: tokens.cache_write,
            audio_input_tokens: tokens.audio_input,
            output_tokens: tokens.output,
            audio_output_tokens: tokens.audio_output,
            reasoning_tokens: tokens.reasoning,
            estimated: false,
            outcome: outcome::INCOMPLETE,
            error_code: "",
            provider_status: 0,
            // Free is a price; of everything else the price is not known yet.
            cost_nanos: grant.free.then_some(0),
            currency: &grant.currency,
            price_version: if grant.free { "free" } else { "" },
            duration_ms: 0,
            ttft_ms: 0,
            created_at: grant.created_at,
            settled_at,
        }
    }

    /// The row that turns a swept one into what was really used: the sum of both is right.
    pub fn correction(swept: &'a Found, settled: &'a Settled) -> Self {
        let t = &settled.tokens;
        Self {
            workspace_id: swept.workspace_id.into(),
            request_id: swept.request_id.into(),
            attempt: swept.attempt,
            correction: 1,
            kind: "correction",
            swept: false,
            provider: &swept.provider,
            provider_kind: &swept.provider_kind,
            provider_id: &swept.provider_id,
            model: &swept.model,
            api_key_id: swept.api_key_id.map(Id::from),
            user_id: swept.user_id.map(Id::from),
            input_tokens: t.input - swept.input_tokens,
            cache_read_tokens: t.cache_read - swept.cache_read_tokens,
            cache_write_tokens: t.cache_write - swept.cache_write_tokens,
            audio_input_tokens: t.audio_input - swept.audio_input_tokens,
            output_tokens: t.output - swept.output_tokens,
            audio_output_tokens: t.audio_output - swept.audio_output_tokens,
            reasoning_tokens: t.reasoning - swept.reasoning_tokens,
            estimated: settled.estimated,
            outcome: outcome::name(settled.outcome),
            error_code: &settled.error_code,
            provider_status: settled.provider_status,
            cost_nanos: swept.cost_nanos.map(|_| 0),
            currency: &swept.currency,
            price_version: &swept.price_version,
            duration_ms: settled.duration_ms,
            ttft_ms: settled.ttft_ms,
            created_at: swept.created_at.timestamp_micros(),
            settled_at: settled.settled_at,
        }
    }
}

impl Found {
    pub const fn key(&self) -> GrantKey {
        GrantKey { workspace: self.workspace_id, request: self.request_id, attempt: self.attempt }
    }
}
